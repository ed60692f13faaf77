using System.Globalization;
using Microsoft.Extensions.Options;
using Platform.Redis;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Events;

/// <summary>Reads tenants' replay windows.</summary>
public sealed class TenantEventWindow
{
    private readonly EventsRedis _redis;
    private readonly int _count;
    private readonly TimeProvider _time;

    internal TenantEventWindow(EventsRedis redis, IOptions<EventsOptions> options, TimeProvider time) =>
        (_redis, _count, _time) = (redis, options.Value.WindowCount, time);

    /// <param name="tenant">Whose events.</param>
    /// <param name="afterId">The last number the reader has; null to get the whole window, which is never a gap.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisUnavailableException">Redis didn't answer in time.</exception>
    public async Task<EventReplay> ReadAsync(TenantId tenant, long? afterId, CancellationToken cancellationToken = default)
    {
        RedisKey[] keys = [EventKeys.Number(tenant), EventKeys.Window(tenant)];
        RedisValue[] values = [afterId ?? -1, _count, _time.GetUtcNow().ToUnixTimeMilliseconds()];
        var answer = await _redis.Circuit.TryAsync(
            static (database, call) => EventScripts.Read.RunAsync(database, call.keys, call.values), (keys, values), cancellationToken);
        var parts = (RedisValue[]?)answer.OrThrow() ?? [];
        var last = long.Parse((string?)parts[0] ?? "0", CultureInfo.InvariantCulture);
        var events = new List<EventEnvelope>(parts.Length - 1);
        foreach (var part in parts.AsSpan(1))
        {
            if (EventWire.Read((byte[]?)part) is { } envelope)
                events.Add(envelope);
        }
        return new EventReplay(last, IsGap(afterId, last, events), events);
    }

    private static bool IsGap(long? afterId, long last, List<EventEnvelope> events)
    {
        if (afterId is not { } after || after == last)
            return false;
        // Also when the reader is ahead of the counter: Redis has lost its data.
        if (events.Count != last - after)
            return true;
        return events[0].Id != after + 1 || events[^1].Id != last;
    }
}
