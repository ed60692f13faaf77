using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Platform.Redis;
using StackExchange.Redis;

namespace Platform.Api.Features.RateLimits;

/// <summary>The counts all replicas share.</summary>
internal sealed partial class RateLimitStore(
    IServiceProvider services, IOptions<RateLimitOptions> options, TimeProvider time, ILogger<RedisCircuit> logger)
{
    private static readonly Meter Meter = new("Platform.RateLimits");

    private static readonly Counter<long> Local = Meter.CreateCounter<long>(
        "rate_limit_local_decisions_total", description: "Requests decided without Redis, by this process alone.");

    public RedisCircuit Circuit { get; } =
        new("the rate limit", services, new RedisCircuitOptions { Timeout = options.Value.Timeout }, time, logger);

    /// <summary>Takes from the shared bucket for all of these requests, in their order, and then for some more of weight 1.</summary>
    /// <returns>The bucket as it was before; null when Redis is away. Never throws: requests wait for it.</returns>
    public async ValueTask<Gcra?> TakeAsync(RedisKey key, RateQuota quota, List<RateWaiter> waiters, int more)
    {
        try
        {
            var answer = await Circuit.TryAsync(
                static (database, call) => RateLimitScript.Take.RunAsync(database, [call.key], call.values),
                (key, values: Values(quota, waiters, more)));
            if (answer.Ok && (RedisResult[]?)answer.Value is [var ahead, var blocked])
                return new Gcra((long)ahead, (long)blocked);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogUnexpected(exception);
        }
        Local.Add(waiters.Count);
        return null;
    }

    private static RedisValue[] Values(RateQuota quota, List<RateWaiter> waiters, int more)
    {
        var runs = more > 0 ? 2 : 1;
        for (var index = 1; index < waiters.Count; index++)
        {
            if (waiters[index].Weight != waiters[index - 1].Weight)
                runs++;
        }
        var values = new RedisValue[3 + 2 * runs];
        (values[0], values[1], values[2]) = (quota.Interval, quota.Capacity, quota.Block);
        var (at, count) = (3, 0);
        for (var index = 0; index < waiters.Count; index++)
        {
            count++;
            if (index + 1 < waiters.Count && waiters[index + 1].Weight == waiters[index].Weight)
                continue;
            (values[at], values[at + 1]) = (waiters[index].Weight, count);
            (at, count) = (at + 2, 0);
        }
        if (more > 0)
            (values[at], values[at + 1]) = (1, more);
        return values;
    }

    [LoggerMessage(2020, LogLevel.Error, "The rate limit's call to Redis failed in an unexpected way; deciding without it")]
    private partial void LogUnexpected(Exception exception);
}
