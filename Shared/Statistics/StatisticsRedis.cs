using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Redis;
using StackExchange.Redis;

namespace Platform.Statistics;

/// <summary>The figures of all processes: a hash for each minute, gone an hour and a little after its end.</summary>
internal sealed class StatisticsRedis(
    IServiceProvider services, IOptions<StatisticsOptions> options, TimeProvider time, ILogger<RedisCircuit> logger)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(65);

    private readonly RedisCircuit _circuit =
        new("statistics", services, new RedisCircuitOptions { Timeout = options.Value.Timeout }, time, logger);

    public static RedisKey Key(long minute) => $"statistics:{minute}";

    /// <returns>False when Redis is away.</returns>
    public async ValueTask<bool> WriteAsync(
        IReadOnlyList<(long Minute, KeyValuePair<string, byte[]>[] Fields)> minutes, CancellationToken cancellationToken) =>
        (await _circuit.TryAsync(static async (database, minutes) =>
        {
            var calls = new List<Task>(2 * minutes.Count);
            foreach (var (minute, fields) in minutes)
            {
                calls.Add(database.HashSetAsync(Key(minute), Array.ConvertAll(fields, field => new HashEntry(field.Key, field.Value))));
                calls.Add(database.KeyExpireAsync(Key(minute), Lifetime));
            }
            await Task.WhenAll(calls);
            return true;
        }, minutes, cancellationToken)).Ok;

    /// <returns>Each minute's fields; null when Redis is away.</returns>
    public async ValueTask<HashEntry[][]?> ReadAsync(long[] minutes, CancellationToken cancellationToken)
    {
        var answer = await _circuit.TryAsync(
            static (database, minutes) => Task.WhenAll(minutes.Select(minute => database.HashGetAllAsync(Key(minute)))),
            minutes, cancellationToken);
        return answer.Ok ? answer.Value : null;
    }
}
