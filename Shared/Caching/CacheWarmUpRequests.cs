using StackExchange.Redis;

namespace Platform.Caching;

/// <summary>
/// Asks the services that warm the cache to do it again. One of all their replicas takes the request; there is never more than one, and
/// nobody takes it up later than a few minutes after.
/// </summary>
public sealed class CacheWarmUpRequests
{
    private static readonly RedisKey Key = "cache:warm-up-request";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly RedisLevel _redis;

    internal CacheWarmUpRequests(RedisLevel redis) => _redis = redis;

    /// <returns>False when an earlier request hasn't been taken yet; null when Redis is away.</returns>
    public async Task<bool?> AskAsync(CancellationToken cancellationToken = default)
    {
        var answer = await _redis.Circuit.TryAsync(
            static (database, _) => database.StringSetAsync(Key, 1, Lifetime, When.NotExists), 0, cancellationToken);
        return answer.Ok ? answer.Value : null;
    }

    /// <summary>True for the one caller who gets a request.</summary>
    internal async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        // Of several who delete a key, one has deleted it.
        var answer = await _redis.Circuit.TryAsync(static (database, _) => database.KeyDeleteAsync(Key), 0, cancellationToken);
        return answer is { Ok: true, Value: true };
    }
}
