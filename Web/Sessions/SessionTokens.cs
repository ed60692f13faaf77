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
    IDistributedCache cache, IDataProtectionProvider protection, IAuthBackend auth, TimeProvider clock,
    IOptions<SessionOptions> options, ILogger<SessionTokens> logger)
{
    /// <summary>A cache that answers later than this counts as away.</summary>
    private static readonly TimeSpan CacheTimeout = TimeSpan.FromSeconds(2);

    private readonly IDataProtector _protector = protection.CreateProtector("Platform.Web.Sessions.Tokens.v1");
    private readonly ConcurrentDictionary<SessionKey, Entry> _entries = new();

    /// <summary>Raised when a session has ended, by signing out or because the API refused to refresh it.</summary>
    public event Action<SessionKey>? Ended;

    public async Task CreateAsync(SessionKey key, TokenPair pair, CancellationToken cancellationToken)
    {
        _entries[key] = new Entry { Pair = pair, LastUse = clock.GetUtcNow() };
        await StoreAsync(key, pair, cancellationToken);
    }

    /// <summary>A token that is good for a while yet; null when the session has ended.</summary>
    /// <param name="refused">The token a service just refused, to get another one.</param>
    /// <exception cref="SessionsUnavailableException">Neither this process nor the cache can tell.</exception>
    public async Task<string?> GetAccessTokenAsync(SessionKey key, string? refused, CancellationToken cancellationToken)
    {
        var entry = _entries.GetOrAdd(key, static _ => new Entry());
        entry.LastUse = clock.GetUtcNow();
        if (entry.Pair is { } known && IsFresh(known, refused)) return known.AccessToken;

        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            if (entry.Pair is { } other && IsFresh(other, refused)) return other.AccessToken;
            var pair = await CurrentAsync(key, entry, refused, cancellationToken);
            entry.Pair = pair;
            if (pair is null) End(key);
            return pair?.AccessToken;
        }
        finally
        {
            entry.Gate.Release();
        }
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
        var pair = _entries.TryRemove(key, out var entry) && entry.Pair is { } local ? local : await TryLoadAsync(key, cancellationToken);
        try
        {
            await cache.RemoveAsync(key.CacheKey, cancellationToken).WaitAsync(CacheTimeout, clock, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
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

    private async Task<TokenPair?> CurrentAsync(SessionKey key, Entry entry, string? refused, CancellationToken cancellationToken)
    {
        // Another replica may have refreshed it, and its refresh token works once.
        TokenPair? stored;
        try
        {
            stored = await LoadAsync(key, cancellationToken);
            if (stored is null) return null; // Signed out elsewhere.
        }
        catch (SessionsUnavailableException) when (entry.Pair is not null)
        {
            stored = entry.Pair;
        }
        if (IsFresh(stored, refused)) return stored;

        var (outcome, pair) = await auth.RefreshAsync(stored.RefreshToken, cancellationToken);
        if (outcome == RefreshOutcome.Refreshed)
        {
            await StoreAsync(key, pair!, cancellationToken);
            return pair;
        }
        if (outcome == RefreshOutcome.Unavailable)
            return refused is null && stored.ExpiresAt > clock.GetUtcNow() ? stored : throw new SessionsUnavailableException(new HttpRequestException("The API is away."));
        // Lost the race against another replica: what it stored is the answer.
        return await LoadAsync(key, cancellationToken) is { } winner && winner.RefreshToken != stored.RefreshToken ? winner : null;
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

    private async Task<TokenPair?> TryLoadAsync(SessionKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadAsync(key, cancellationToken);
        }
        catch (SessionsUnavailableException)
        {
            return null;
        }
    }

    private async Task<TokenPair?> LoadAsync(SessionKey key, CancellationToken cancellationToken)
    {
        byte[]? sealedPair;
        try
        {
            sealedPair = await cache.GetAsync(key.CacheKey, cancellationToken).WaitAsync(CacheTimeout, clock, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
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

    private async Task StoreAsync(SessionKey key, TokenPair pair, CancellationToken cancellationToken)
    {
        var entry = new DistributedCacheEntryOptions { SlidingExpiration = options.Value.IdleTimeout };
        try
        {
            await cache.SetAsync(key.CacheKey, _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(pair)), entry, cancellationToken)
                .WaitAsync(CacheTimeout, clock, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
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
