using System.Globalization;
using Platform.Redis;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Events;

/// <summary>
/// Whose access has ended while tokens of theirs are still good by themselves: for those who see nothing of somebody but the
/// token. Written by whoever ends it, before the event that says so; forgotten when the last such token has run out. Nothing
/// is written and nothing found while Redis is away.
/// </summary>
public sealed class EndedAccess
{
    private readonly RedisCircuit _redis;
    private readonly TimeProvider _time;

    internal EndedAccess(EventsRedis redis, TimeProvider time) => (_redis, _time) = (redis.Circuit, time);

    /// <summary>The tenant was suspended.</summary>
    /// <param name="tenant">All of its users.</param>
    /// <param name="tokenLifetime">How long tokens made before now may be good.</param>
    public async Task EndTenantAsync(TenantId tenant, TimeSpan tokenLifetime) => await SetAsync([EventKeys.Ended(tenant)], tokenLifetime);

    /// <summary>The suspension has ended: tokens that are still good are so again.</summary>
    public async Task ResumeTenantAsync(TenantId tenant) => await _redis.TryAsync(
        static (database, key) => database.KeyDeleteAsync(key), (RedisKey)EventKeys.Ended(tenant));

    /// <summary>The user was removed from the tenant; tokens made later, after having been added again, are good.</summary>
    /// <param name="tenant">The one left.</param>
    /// <param name="userId">Who.</param>
    /// <param name="tokenLifetime">As above.</param>
    public async Task EndUserAsync(TenantId tenant, Guid userId, TimeSpan tokenLifetime) =>
        await SetAsync([EventKeys.EndedUser(tenant, userId)], tokenLifetime);

    /// <summary>These sessions were ended; others of the same user go on.</summary>
    public async Task EndSessionsAsync(TenantId tenant, IEnumerable<Guid> sessionIds, TimeSpan tokenLifetime) =>
        await SetAsync([.. sessionIds.Select(id => EventKeys.EndedSession(tenant, id))], tokenLifetime);

    /// <summary>Asks in one round trip.</summary>
    /// <param name="tenant">The token's.</param>
    /// <param name="userId">The token's.</param>
    /// <param name="sessionId">The token's, if it has one.</param>
    /// <param name="issuedAt">When it was made, if it says so.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<AccessEnd> FindAsync(
        TenantId tenant, Guid userId, Guid? sessionId, DateTimeOffset? issuedAt, CancellationToken cancellationToken = default)
    {
        RedisKey[] keys = sessionId is { } session
            ? [EventKeys.Ended(tenant), EventKeys.EndedUser(tenant, userId), EventKeys.EndedSession(tenant, session)]
            : [EventKeys.Ended(tenant), EventKeys.EndedUser(tenant, userId)];
        var answer = await _redis.TryAsync(static (database, keys) => database.StringGetAsync(keys), keys, cancellationToken);
        if (!answer.Ok || answer.Value is not { } found)
            return AccessEnd.None;
        if (!found[0].IsNull)
            return AccessEnd.Suspended;
        return (found.Length > 2 && !found[2].IsNull) || IsBefore(issuedAt, found[1]) ? AccessEnd.Ended : AccessEnd.None;
    }

    private static bool IsBefore(DateTimeOffset? issuedAt, RedisValue endedAt) =>
        !endedAt.IsNull
        && !(long.TryParse((string?)endedAt, CultureInfo.InvariantCulture, out var ended) && issuedAt?.ToUnixTimeMilliseconds() > ended);

    private async Task SetAsync(string[] keys, TimeSpan lifetime)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        await _redis.TryAsync(
            static (database, call) => Task.WhenAll(call.keys.Select(key => database.StringSetAsync(key, call.now, call.lifetime))),
            (keys, now, lifetime));
    }
}
