using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Redis;
using StackExchange.Redis;

namespace Platform.Caching;

/// <summary>The level all replicas share.</summary>
internal sealed class RedisLevel(
    IServiceProvider services, IOptionsMonitor<CacheOptions> options, TimeProvider time, ILogger<RedisCircuit> logger)
{
    // Longer than any entry lives; a tag without a version makes its entries invalid, so forgetting one does no harm.
    private static readonly TimeSpan TagLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortestClaim = TimeSpan.FromSeconds(1);

    public RedisCircuit Circuit { get; } =
        new("the cache", services, new RedisCircuitOptions { Timeout = options.CurrentValue.Timeout }, time, logger);

    /// <summary>Entry and versions of its tags in one round trip.</summary>
    public async ValueTask<RedisFound> ReadAsync(CacheKey key, CancellationToken cancellationToken)
    {
        var keys = new RedisKey[key.Tags.Length + 1];
        keys[0] = key.Value;
        for (var index = 0; index < key.Tags.Length; index++)
            keys[index + 1] = key.Tags[index];
        var answer = await Circuit.TryAsync(static (database, keys) => database.StringGetAsync(keys), keys, cancellationToken);
        if (!answer.Ok || answer.Value is not { } values)
            return new RedisFound(false, [], null);
        var versions = new long?[key.Tags.Length];
        for (var index = 0; index < versions.Length; index++)
            versions[index] = Version(values[index + 1]);
        return new RedisFound(true, versions, CacheEntry.Read((byte[]?)values[0], versions));
    }

    /// <summary>The tags' versions, after giving one to those that have none; null when Redis is away.</summary>
    public async ValueTask<long[]?> BeginAsync(CacheKey key, long?[] versions, CancellationToken cancellationToken)
    {
        if (Array.TrueForAll(versions, version => version is not null))
            return Array.ConvertAll(versions, version => version!.Value);
        var keys = Array.ConvertAll(key.Tags, tag => (RedisKey)tag);
        RedisValue[] values = [.. key.Tags.Select(_ => (RedisValue)NewVersion()), (long)TagLifetime.TotalMilliseconds];
        var answer = await Circuit.TryAsync(
            static (database, call) => CacheScripts.Begin.RunAsync(database, call.keys, call.values), (keys, values), cancellationToken);
        if (!answer.Ok || (RedisValue[]?)answer.Value is not { } begun)
            return null;
        var current = Array.ConvertAll(begun, Version);
        return Array.TrueForAll(current, version => version is not null) ? Array.ConvertAll(current, version => version!.Value) : null;
    }

    public async ValueTask WriteAsync(CacheKey key, CacheEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Value.Length > options.CurrentValue.MaxBytes)
            return;
        await Circuit.TryAsync(
            static (database, call) => database.StringSetAsync(call.Key, call.Value, call.Lifetime),
            (Key: (RedisKey)key.Value, Value: (RedisValue)entry.Write(options.CurrentValue.CompressAbove), entry.Lifetime),
            cancellationToken);
    }

    /// <summary>One caller of all replicas gets to refresh an entry before it expires.</summary>
    public async ValueTask<bool> TryClaimRefreshAsync(CacheKey key, TimeSpan fetchTime, CancellationToken cancellationToken)
    {
        var longest = fetchTime * 4 > ShortestClaim ? fetchTime * 4 : ShortestClaim;
        var answer = await Circuit.TryAsync(
            static (database, call) => database.StringSetAsync(call.Key, 1, call.longest, When.NotExists),
            (Key: (RedisKey)(key.Value + ":refresh"), longest), cancellationToken);
        return answer is { Ok: true, Value: true };
    }

    /// <summary>False when Redis is away: nothing was invalidated.</summary>
    public async ValueTask<bool> InvalidateAsync(IReadOnlyList<CacheTag> tags, string channel)
    {
        RedisKey[] keys = [.. tags.Select(tag => (RedisKey)tag.Key)];
        RedisValue[] values =
        [
            .. tags.Select(_ => (RedisValue)NewStep()), (long)TagLifetime.TotalMilliseconds, channel,
            string.Join('\n', tags.Select(tag => tag.Key)),
        ];
        return (await Circuit.TryAsync(
            static (database, call) => CacheScripts.Invalidate.RunAsync(database, call.keys, call.values), (keys, values))).Ok;
    }

    private static long? Version(RedisValue value) =>
        long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    /// <summary>Where a tag's versions begin: far apart, so that a tag that was forgotten doesn't come back to an old one.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "Has to be different, not unguessable.")]
    private static long NewVersion() => Random.Shared.NextInt64(1, 1L << 40);

    /// <summary>How far they move on: billions of invalidations fit into 63 bits.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "Has to be different, not unguessable.")]
    private static long NewStep() => Random.Shared.NextInt64(1, 1L << 31);
}

/// <summary>What Redis has.</summary>
/// <param name="IsAnswered">False when it is away.</param>
/// <param name="Versions">The tags' versions; null for a tag that has none.</param>
/// <param name="Entry">The entry, if there is a valid one.</param>
internal readonly record struct RedisFound(bool IsAnswered, long?[] Versions, CacheEntry? Entry);
