using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis.DistributedCaching;

/// <summary>
/// One hash an entry: <c>absexp</c> and <c>sldexp</c> (ticks, -1 for none) and <c>data</c>, the layout that
/// Microsoft.Extensions.Caching.StackExchangeRedis documents, so that both can share a Redis.
/// </summary>
internal sealed class RedisDistributedCache(IConnectionMultiplexer redis, TimeProvider time) : IDistributedCache
{
    private const long None = -1;

    // One step, or an entry could stay without expiry when the process dies in between.
    private const string SetScript = """
        redis.call('HSET', KEYS[1], 'absexp', ARGV[1], 'sldexp', ARGV[2], 'data', ARGV[4])
        if ARGV[3] ~= '-1' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) else redis.call('PERSIST', KEYS[1]) end
        return 1
        """;

    private static readonly RedisValue[] WithData = ["absexp", "sldexp", "data"];
    private static readonly RedisValue[] WithoutData = ["absexp", "sldexp"];

    private IDatabase Database => redis.GetDatabase();

    public byte[]? Get(string key)
    {
        var fields = Database.HashGet(key, WithData);
        if (Slide(fields) is { } expiry)
            Database.KeyExpire(key, expiry);
        return fields[2];
    }

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        var fields = await Database.HashGetAsync(key, WithData).WaitAsync(token).ConfigureAwait(false);
        if (Slide(fields) is { } expiry)
            await Database.KeyExpireAsync(key, expiry).WaitAsync(token).ConfigureAwait(false);
        return fields[2];
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) =>
        Database.ScriptEvaluate(SetScript, [key], Arguments(value, options));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        Database.ScriptEvaluateAsync(SetScript, [key], Arguments(value, options)).WaitAsync(token);

    public void Refresh(string key)
    {
        if (Slide(Database.HashGet(key, WithoutData)) is { } expiry)
            Database.KeyExpire(key, expiry);
    }

    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        if (Slide(await Database.HashGetAsync(key, WithoutData).WaitAsync(token).ConfigureAwait(false)) is { } expiry)
            await Database.KeyExpireAsync(key, expiry).WaitAsync(token).ConfigureAwait(false);
    }

    public void Remove(string key) => Database.KeyDelete(key);

    public Task RemoveAsync(string key, CancellationToken token = default) => Database.KeyDeleteAsync(key).WaitAsync(token);

    private RedisValue[] Arguments(byte[] value, DistributedCacheEntryOptions options)
    {
        var now = time.GetUtcNow();
        var absolute = options.AbsoluteExpirationRelativeToNow is { } relative ? now + relative : options.AbsoluteExpiration;
        if (absolute <= now)
            throw new ArgumentOutOfRangeException(nameof(options), absolute, "The absolute expiration must be in the future.");

        var lifetime = options.SlidingExpiration;
        if (absolute - now is { } rest && (lifetime is null || rest < lifetime))
            lifetime = rest;
        return
        [
            absolute?.UtcTicks ?? None,
            options.SlidingExpiration?.Ticks ?? None,
            lifetime is { } left ? (long)Math.Ceiling(left.TotalMilliseconds) : None,
            value,
        ];
    }

    /// <summary>The time an entry lives from now on when it was just used; null when using it changes nothing.</summary>
    private TimeSpan? Slide(RedisValue[] fields)
    {
        if (fields[1].IsNull || (long)fields[1] == None)
            return null;

        var sliding = TimeSpan.FromTicks((long)fields[1]);
        if (fields[0].IsNull || (long)fields[0] == None)
            return sliding;

        var rest = new DateTimeOffset((long)fields[0], TimeSpan.Zero) - time.GetUtcNow();
        return rest < sliding ? rest : sliding;
    }
}
