using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Platform.Tenancy;

namespace Platform.Caching;

/// <summary>
/// The two-level cache of tenants' data: memory, then Redis, then the fetch. Redis being away or slow never fails or
/// delays a caller noticeably; values are then fetched.
/// </summary>
/// <remarks>
/// Invalidate after the commit of a change (<see cref="InvalidateAsync"/>): a reader that fetched before the commit and
/// fills after it is noticed, because an entry carries its tags' versions from before its fetch.
/// </remarks>
public sealed class TenantCache
{
    private const int LongestLocalKey = 256;

    private readonly ConcurrentDictionary<string, Task<LocalEntry>> _flights = new(StringComparer.Ordinal);
    private readonly RedisLevel _redis;
    private readonly LocalCache _local;
    private readonly CacheInvalidator _invalidator;
    private readonly IOptionsMonitor<CacheOptions> _options;
    private readonly TimeProvider _time;
    private readonly ActiveTenants _active;

    internal TenantCache(
        RedisLevel redis, LocalCache local, CacheInvalidator invalidator, IOptionsMonitor<CacheOptions> options, TimeProvider time,
        ActiveTenants active) =>
        (_redis, _local, _invalidator, _options, _time, _active) = (redis, local, invalidator, options, time, active);

    /// <summary>
    /// Returns the cached value or fetches it; many callers at once share one fetch. Null is never cached.
    /// </summary>
    /// <param name="key">Names the value.</param>
    /// <param name="fetch">
    /// Gets the value from where it belongs; runs within the call, so it may use the request's services. Its exceptions go
    /// to all who wait for it, except when the value at hand is still good.
    /// </param>
    /// <param name="cancellationToken">Ends this caller's wait; others who wait fetch themselves.</param>
    /// <typeparam name="T">Immutable, and written and read by System.Text.Json; <c>byte[]</c> is kept as it is.</typeparam>
    public ValueTask<Cached<T>> GetOrCreateAsync<T>(
        CacheKey key, Func<CancellationToken, Task<T>> fetch, CancellationToken cancellationToken = default) =>
        GetOrCreateAsync(key, fetch, CacheCodec<T>.Default, cancellationToken);

    /// <summary>The same for a value that has its own form in Redis.</summary>
    public ValueTask<Cached<T>> GetOrCreateAsync<T>(
        CacheKey key, Func<CancellationToken, Task<T>> fetch, CacheCodec<T> codec, CancellationToken cancellationToken = default)
    {
        if (!_options.CurrentValue.Enabled)
            return BypassAsync(key, fetch, cancellationToken);
        var isDue = false;
        if (_local.TryGet(key.Value, out var entry) && entry.Value is T value && !(isDue = IsDueEarly(entry)))
        {
            CacheTelemetry.Hit(key.Kind, entry.Variant, local: true);
            return new ValueTask<Cached<T>>(new Cached<T>(value, true));
        }
        return LoadAsync(key, fetch, codec, isDue, cancellationToken);
    }

    /// <summary>
    /// Gives the value if this process has it in memory: never waits and allocates nothing. Otherwise, and now and then although
    /// it has, ask with <see cref="GetOrCreateAsync{T}(CacheKey, Func{CancellationToken, Task{T}}, CancellationToken)"/>.
    /// </summary>
    /// <param name="parts">As for <see cref="CacheKey.Create"/>.</param>
    public bool TryGetLocal<T>(TenantId tenant, CacheKind kind, ReadOnlySpan<string> parts, [NotNullWhen(true)] out T? value) =>
        TryGetLocal(tenant, kind, parts, out value, out _);

    /// <summary>The same, and remembers where the value lies: <see cref="TryGetAgain"/> needs no key then.</summary>
    public bool TryGetLocal<T>(
        TenantId tenant, CacheKind kind, ReadOnlySpan<string> parts, [NotNullWhen(true)] out T? value, [NotNullWhen(true)] out LocalPlace? place)
    {
        Span<char> key = stackalloc char[LongestLocalKey];
        if (_options.CurrentValue.Enabled && CacheKey.TryWrite(key, tenant, kind, parts, out var length)
            && _local.TryGet(key[..length], out var entry) && entry.Value is T found && !IsDueEarly(entry))
        {
            CacheTelemetry.Hit(kind, entry.Variant, local: true);
            value = found;
            place = entry.Place ??= new LocalPlace(kind, entry);
            return true;
        }
        value = default;
        place = null;
        return false;
    }

    /// <summary>Gives the value once more while it is good and in memory; counts as a hit, as every other way does.</summary>
    public bool TryGetAgain<T>(LocalPlace place, [NotNullWhen(true)] out T? value)
    {
        if (_options.CurrentValue.Enabled && place.Entry is { } entry && entry.Value is T found
            && entry.StaleAt > _time.GetUtcNow() && entry.Snapshot.IsCurrent && !IsDueEarly(entry))
        {
            CacheTelemetry.Hit(place.Kind, entry.Variant, local: true);
            value = found;
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>
    /// Makes every entry that carries one of the tags invalid, on all replicas; call it after the commit. Should Redis be
    /// away, it is done as soon as it is back.
    /// </summary>
    public Task InvalidateAsync(params ReadOnlySpan<CacheTag> tags) => _invalidator.InvalidateAsync(tags.ToArray());

    private static async ValueTask<Cached<T>> BypassAsync<T>(
        CacheKey key, Func<CancellationToken, Task<T>> fetch, CancellationToken cancellationToken)
    {
        CacheTelemetry.Bypass(key.Kind);
        return new Cached<T>(await fetch(cancellationToken), false);
    }

    private async ValueTask<Cached<T>> LoadAsync<T>(
        CacheKey key, Func<CancellationToken, Task<T>> fetch, CacheCodec<T> codec, bool isDue, CancellationToken cancellationToken)
    {
        _active.Note(key.Tenant);
        var mayBeOld = true;
        while (true)
        {
            var flight = new TaskCompletionSource<LocalEntry>(TaskCreationOptions.RunContinuationsAsynchronously);
            var running = _flights.GetOrAdd(key.Value, flight.Task);
            LocalEntry entry;
            if (running == flight.Task)
            {
                entry = await LeadAsync(key, fetch, codec, isDue, flight, cancellationToken);
            }
            else
            {
                try
                {
                    entry = await running.WaitAsync(cancellationToken);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    continue; // The caller who fetched has gone; somebody else has to.
                }

                // Begun before this call, and invalidated since: perhaps before this call, by this very caller. The next one began after it.
                if (mayBeOld && !entry.Snapshot.IsCurrent)
                {
                    mayBeOld = false;
                    continue;
                }
            }
            if (entry.IsHit)
                CacheTelemetry.Hit(key.Kind, entry.Variant, local: false);
            else
                CacheTelemetry.Miss(key.Kind, entry.Variant);
            return new Cached<T>((T)entry.Value!, entry.IsHit);
        }
    }

    /// <summary>Looks into Redis and fetches for all who ask for the key at the same time.</summary>
    private async Task<LocalEntry> LeadAsync<T>(
        CacheKey key, Func<CancellationToken, Task<T>> fetch, CacheCodec<T> codec, bool isDue, TaskCompletionSource<LocalEntry> flight,
        CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = _local.Snapshot(key.Tags);
            var found = _invalidator.IsPending(key.Tenant) ? default : await _redis.ReadAsync(key, cancellationToken);
            if (Usable(key, codec, found, snapshot) is { } old)
            {
                _local.Set(key.Value, old, codec.Size(found.Entry!.Value));
                Land(key, flight).SetResult(old);
                return (isDue || IsDueEarly(old)) && await _redis.TryClaimRefreshAsync(key, old.FetchTime, cancellationToken)
                    ? await RefreshAsync(key, fetch, codec, snapshot, found, old, cancellationToken)
                    : old;
            }
            var entry = await FetchAsync(key, fetch, codec, snapshot, found, cancellationToken);
            Land(key, flight).SetResult(entry);
            return entry;
        }
        catch (OperationCanceledException e)
        {
            Land(key, flight).TrySetCanceled(e.CancellationToken);
            throw;
        }
        catch (Exception e)
        {
            if (Land(key, flight).TrySetException(e))
                _ = flight.Task.Exception; // Perhaps nobody else waits for it.
            throw;
        }
    }

    private TaskCompletionSource<LocalEntry> Land(CacheKey key, TaskCompletionSource<LocalEntry> flight)
    {
        _flights.TryRemove(new KeyValuePair<string, Task<LocalEntry>>(key.Value, flight.Task));
        return flight;
    }

    private LocalEntry? Usable<T>(CacheKey key, CacheCodec<T> codec, RedisFound found, LocalSnapshot snapshot) =>
        found.Entry is { } stored && stored.ExpiresAt > _time.GetUtcNow() && codec.TryRead(stored.Value, out var value)
            ? Local(key, value, stored, snapshot, isRedisThere: true, isHit: true)
            : null;

    private async Task<LocalEntry> RefreshAsync<T>(
        CacheKey key, Func<CancellationToken, Task<T>> fetch, CacheCodec<T> codec, LocalSnapshot snapshot, RedisFound found,
        LocalEntry old, CancellationToken cancellationToken)
    {
        CacheTelemetry.Refresh(key.Kind);
        try
        {
            return await FetchAsync(key, fetch, codec, snapshot, found, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return old; // The value is good until it expires; who finds it expired gets the error.
        }
    }

    private async Task<LocalEntry> FetchAsync<T>(
        CacheKey key, Func<CancellationToken, Task<T>> fetch, CacheCodec<T> codec, LocalSnapshot snapshot, RedisFound found,
        CancellationToken cancellationToken)
    {
        var versions = found.IsAnswered ? await _redis.BeginAsync(key, found.Versions, cancellationToken) : null;
        var started = _time.GetTimestamp();
        var value = await fetch(cancellationToken);
        var fetchTime = _time.GetElapsedTime(started);
        var bytes = value is null ? [] : codec.Write(value);
        var entry = new CacheEntry(_time.GetUtcNow(), LifetimeOf(key), fetchTime, versions ?? [], bytes);
        var local = Local(key, value, entry, snapshot, versions is not null, isHit: false);
        if (value is null)
            return local;
        _local.Set(key.Value, local, codec.Size(bytes));
        if (versions is not null)
            await _redis.WriteAsync(key, entry, cancellationToken);
        return local;
    }

    private LocalEntry Local(CacheKey key, object? value, CacheEntry entry, LocalSnapshot snapshot, bool isRedisThere, bool isHit)
    {
        var options = _options.CurrentValue;
        var staleAt = _time.GetUtcNow() + (isRedisThere && _invalidator.IsListening ? options.LocalTtl : options.LocalTtlWithoutRedis);
        return new LocalEntry(
            value, staleAt < entry.ExpiresAt ? staleAt : entry.ExpiresAt, entry.ExpiresAt, entry.FetchTime, entry.Lifetime, snapshot, isHit,
            options.Experiments.TryGetValue(key.Kind.Name, out var experiment) ? experiment.VariantOf(key.Value) : null);
    }

    /// <summary>
    /// Draws whether this caller fetches again although the entry still lives. The nearer its end and the longer fetching
    /// takes, the likelier; so a hot entry is renewed before it expires, by one caller, and a cold one isn't.
    /// </summary>
    [SuppressMessage("Security", "CA5394", Justification = "Spreads load; nobody gains by guessing it.")]
    private bool IsDueEarly(LocalEntry entry)
    {
        var left = entry.ExpiresAt - _time.GetUtcNow();
        // Almost nothing can be drawn this early; most calls end here.
        if (left > entry.Lifetime / 4)
            return false;
        var step = Math.Max(entry.FetchTime.TotalSeconds, entry.Lifetime.TotalSeconds / 100) * _options.CurrentValue.EarlyRefresh;
        return step > 0 && step * -Math.Log(1 - Random.Shared.NextDouble()) >= left.TotalSeconds;
    }

    [SuppressMessage("Security", "CA5394", Justification = "Spreads load; nobody gains by guessing it.")]
    private TimeSpan LifetimeOf(CacheKey key)
    {
        var options = _options.CurrentValue;
        var ttl = options.Experiments.TryGetValue(key.Kind.Name, out var experiment)
            ? experiment.Ttl(experiment.VariantOf(key.Value))
            : options.TtlOf(key.Kind);
        return ttl * (1 - key.Kind.Jitter * Random.Shared.NextDouble());
    }
}
