using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;

namespace Platform.Web.Sessions;

/// <summary>
/// The tokens of all sessions: encrypted in the distributed cache (shared by the replicas, and there after a restart), with
/// a copy in this process. Refreshes a token shortly before it expires, one refresh at a time and session.
/// </summary>
internal sealed partial class SessionTokens(
    IDistributedCache cache, ISessionLock sessionLock, IDataProtectionProvider protection, IAuthBackend auth, TimeProvider clock,
    IOptions<SessionOptions> options, ILogger<SessionTokens> logger)
{
    /// <summary>A cache that answers later than this counts as away.</summary>
    private static readonly TimeSpan CacheTimeout = TimeSpan.FromSeconds(2);

    private readonly IDataProtector _protector = protection.CreateProtector("Platform.Web.Sessions.Tokens.v1");
    private readonly ConcurrentDictionary<SessionKey, Entry> _entries = new();

    /// <summary>Raised when a session has ended, by signing out or because the API refused to refresh it.</summary>
    public event Action<SessionKey>? Ended;

    public async Task CreateAsync(SessionKey key, TokenPair pair)
    {
        _entries[key] = new Entry { Pair = pair, LastUse = clock.GetUtcNow() };
        await StoreAsync(key, pair);
    }

    /// <summary>A token that is good for a while yet; null when the session has ended.</summary>
    /// <param name="refused">The token a service just refused, to get another one.</param>
    /// <exception cref="SessionsUnavailableException">Neither this process nor the cache can tell.</exception>
    public async Task<string?> GetAccessTokenAsync(SessionKey key, string? refused, CancellationToken cancellationToken)
    {
        var entry = _entries.GetOrAdd(key, static _ => new Entry());
        entry.LastUse = clock.GetUtcNow();
        if (entry.Pair is { } known && IsFresh(known, refused)) return known.AccessToken;

        // The caller may leave; a refresh that has begun is carried through, or the token it brings would be lost, and with
        // it the session.
        return await ReplaceAsync(key, entry, refused).WaitAsync(cancellationToken);
    }

    /// <summary>Whether the session exists; true while nobody can tell.</summary>
    public async Task<bool> ExistsAsync(SessionKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAccessTokenAsync(key, null, cancellationToken) is not null;
        }
        catch (SessionsUnavailableException)
        {
            return true;
        }
    }

    public async Task RemoveAsync(SessionKey key, CancellationToken cancellationToken)
    {
        var pair = _entries.TryRemove(key, out var entry) && entry.Pair is { } local ? local : await TryLoadAsync(key);
        try
        {
            await cache.RemoveAsync(key.CacheKey, CancellationToken.None).WaitAsync(CacheTimeout, clock, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogCacheAway(e); // The entry ages out; the refresh token in it is revoked below.
        }
        Ended?.Invoke(key);
        if (pair is not null) await auth.LogoutAsync(pair, cancellationToken);
    }

    /// <summary>Forgets this process' copies of sessions nobody has used for a while; the cache still has them.</summary>
    public void Trim(TimeSpan unusedFor)
    {
        var limit = clock.GetUtcNow() - unusedFor;
        foreach (var (key, entry) in _entries)
            if (entry.LastUse < limit) _entries.TryRemove(key, out _);
    }

    private async Task<string?> ReplaceAsync(SessionKey key, Entry entry, string? refused)
    {
        await entry.Gate.WaitAsync(CancellationToken.None);
        try
        {
            if (entry.Pair is { } known && IsFresh(known, refused)) return known.AccessToken;
            // Often another replica has done it; then no lock is needed.
            var stored = await StoredAsync(key, entry);
            if (stored is not null && !IsFresh(stored, refused))
            {
                await using var held = await sessionLock.AcquireAsync(key);
                stored = await StoredAsync(key, entry);
                if (stored is not null && !IsFresh(stored, refused)) stored = await RefreshAsync(key, stored, refused);
            }
            entry.Pair = stored;
            if (stored is null) End(key);
            return stored?.AccessToken;
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>What all replicas share, or this process' copy while they can't; null when the session has ended.</summary>
    private async Task<TokenPair?> StoredAsync(SessionKey key, Entry entry)
    {
        try
        {
            return await LoadAsync(key);
        }
        catch (SessionsUnavailableException) when (entry.Pair is not null)
        {
            return entry.Pair;
        }
    }

    private async Task<TokenPair?> RefreshAsync(SessionKey key, TokenPair stored, string? refused)
    {
        var (outcome, pair) = await auth.RefreshAsync(stored.RefreshToken, CancellationToken.None);
        switch (outcome)
        {
            case RefreshOutcome.Refreshed:
                await StoreAsync(key, pair!);
                return pair;
            case RefreshOutcome.Refused:
                return null;
            default:
                return refused is null && stored.ExpiresAt > clock.GetUtcNow()
                    ? stored
                    : throw new SessionsUnavailableException(new HttpRequestException("The API is away."));
        }
    }

    private bool IsFresh(TokenPair pair, string? refused) =>
        pair.AccessToken != refused && pair.ExpiresAt - clock.GetUtcNow() > options.Value.RefreshAhead;

    private void End(SessionKey key)
    {
        _entries.TryRemove(key, out _);
        // Nothing is lost if this fails: the refresh token in it no longer works.
        _ = cache.RemoveAsync(key.CacheKey).ContinueWith(
            task => LogCacheAway(task.Exception!.GetBaseException()), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        Ended?.Invoke(key);
    }

    private async Task<TokenPair?> TryLoadAsync(SessionKey key)
    {
        try
        {
            return await LoadAsync(key);
        }
        catch (SessionsUnavailableException)
        {
            return null;
        }
    }

    private async Task<TokenPair?> LoadAsync(SessionKey key)
    {
        byte[]? sealedPair;
        try
        {
            sealedPair = await cache.GetAsync(key.CacheKey).WaitAsync(CacheTimeout, clock);
        }
        catch (Exception e)
        {
            LogCacheAway(e);
            throw new SessionsUnavailableException(e);
        }
        if (sealedPair is null) return null;
        try
        {
            return JsonSerializer.Deserialize<TokenPair>(_protector.Unprotect(sealedPair));
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or JsonException)
        {
            LogUnreadable(e); // Written with keys that are gone: as good as signed out.
            return null;
        }
    }

    private async Task StoreAsync(SessionKey key, TokenPair pair)
    {
        var entry = new DistributedCacheEntryOptions { SlidingExpiration = options.Value.IdleTimeout };
        try
        {
            await cache.SetAsync(key.CacheKey, _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(pair)), entry)
                .WaitAsync(CacheTimeout, clock);
        }
        catch (Exception e)
        {
            LogCacheAway(e); // This process still has it.
        }
    }

    [SuppressMessage("Design", "CA1001", Justification = "The semaphore's wait handle, all there is to dispose, is never made.")]
    private sealed class Entry
    {
        public readonly SemaphoreSlim Gate = new(1, 1);
        public volatile TokenPair? Pair;
        public DateTimeOffset LastUse;
    }

    [LoggerMessage(5010, LogLevel.Warning, "The session store can't be reached")]
    private partial void LogCacheAway(Exception exception);

    [LoggerMessage(5011, LogLevel.Warning, "A stored session could not be decrypted")]
    private partial void LogUnreadable(Exception exception);
}
