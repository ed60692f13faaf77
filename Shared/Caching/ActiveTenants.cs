using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Caching;

/// <summary>Which tenants were active last, over all replicas: a sorted set in Redis, by time, bounded.</summary>
internal sealed class ActiveTenants(RedisLevel redis, IOptions<CacheOptions> options, TimeProvider time) : BackgroundService
{
    public const string Key = "cache:active-tenants";

    // Some for those that are never active again before the next start.
    private const int KeptForEachWarmed = 4;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<TenantId, bool> _seen = new();

    /// <summary>Cheap: called whenever memory doesn't have a value.</summary>
    public void Note(TenantId tenant)
    {
        if (!_seen.ContainsKey(tenant))
            _seen[tenant] = true;
    }

    /// <summary>The most recently active first; none when Redis is away.</summary>
    public async Task<IReadOnlyList<TenantId>> ReadAsync(int count, CancellationToken cancellationToken)
    {
        var answer = await redis.Circuit.TryAsync(
            static (database, count) => database.SortedSetRangeByRankAsync(Key, 0, count - 1, Order.Descending), count, cancellationToken);
        return [.. (answer.Value ?? []).Select(value => TenantId.TryParse(value, out var tenant) ? tenant : default)
            .Where(tenant => tenant != default)];
    }

    public async Task FlushAsync()
    {
        var seen = _seen.Keys.ToList();
        if (seen.Count == 0 || options.Value.WarmUpTenants == 0)
            return;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        SortedSetEntry[] entries = [.. seen.Select(tenant => new SortedSetEntry(tenant.ToString(), now))];
        var kept = options.Value.WarmUpTenants * KeptForEachWarmed;
        var answer = await redis.Circuit.TryAsync(
            static async (database, call) =>
            {
                await database.SortedSetAddAsync(Key, call.entries);
                return await database.SortedSetRemoveRangeByRankAsync(Key, 0, -call.kept - 1);
            },
            (entries, kept));
        if (!answer.Ok)
            return;
        foreach (var tenant in seen)
            _seen.TryRemove(tenant, out _);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await FlushAsync();
    }
}
