using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Npgsql;

namespace Platform.Api.Features.Auth;

/// <summary>
/// The keys that sign access tokens and the ones that verify them, shared by all replicas through table
/// <c>signing_keys</c>. Read at first use, then every five minutes, and at once (at most every five seconds) when a
/// token names a key that isn't known here yet. Whoever reads and finds a new key due makes it: published now, signing
/// <see cref="AuthOptions.KeyOverlap"/> later; the one before it stays until its last token has run out.
/// </summary>
internal sealed partial class SigningKeys(
    SigningKeyStore store, IOptions<AuthOptions> options, TimeProvider time, ILogger<SigningKeys> logger)
    : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5), MinAge = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile KeySet? _current;
    private volatile bool _refreshRequested;

    /// <summary>The key new tokens are signed with: the newest whose time has come.</summary>
    public async Task<SigningKey> GetActiveAsync(CancellationToken cancellationToken)
    {
        var keys = (await GetAsync(cancellationToken)).Keys;
        var now = time.GetUtcNow();
        // With another replica's clock ahead of this one's, even the first key may seem to lie in the future.
        return keys.FirstOrDefault(key => key.ActiveAt <= now) ?? keys[^1];
    }

    /// <summary>All keys that verify tokens, or soon will, newest first.</summary>
    public async Task<IReadOnlyList<SigningKey>> GetAllAsync(CancellationToken cancellationToken) =>
        (await GetAsync(cancellationToken)).Keys;

    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) => (await GetAsync(cancel)).Configuration;

    public void RequestRefresh() => _refreshRequested = true;

    public void Dispose() => _loading.Dispose();

    private async Task<KeySet> GetAsync(CancellationToken cancellationToken)
    {
        if (_current is { } current && IsFresh(current))
            return current;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_current is { } loaded && IsFresh(loaded))
                return loaded;
            var keys = await LoadAsync(cancellationToken);
            var configuration = new OpenIdConnectConfiguration();
            foreach (var key in keys)
                configuration.SigningKeys.Add(key.SecurityKey);
            _refreshRequested = false;
            return _current = new KeySet(keys, configuration, time.GetTimestamp());
        }
        catch (NpgsqlException exception) when (_current is not null)
        {
            // Known keys go on serving while the database is away.
            LogStale(exception);
            return _current;
        }
        finally
        {
            _loading.Release();
        }
    }

    private bool IsFresh(KeySet keys) => time.GetElapsedTime(keys.LoadedAt) is var age && age < (_refreshRequested ? MinAge : MaxAge);

    private async Task<IReadOnlyList<SigningKey>> LoadAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var keys = await store.LoadAsync(now, _current?.Keys ?? [], cancellationToken);
        if (!IsDue(keys, now))
            return keys;
        try
        {
            return await store.RotateAsync(now, held => IsDue(held, now) ? Next(held, now) : null, cancellationToken);
        }
        catch (NpgsqlException exception) when (keys.Count > 0)
        {
            LogNotRotated(exception);
            return keys;
        }
    }

    private bool IsDue(IReadOnlyList<SigningKey> keys, DateTimeOffset now) =>
        keys.Count == 0 || keys[0].ActiveAt + options.Value.KeyRotation - options.Value.KeyOverlap <= now;

    private (SigningKey Key, DateTimeOffset OthersRetireAt) Next(IReadOnlyList<SigningKey> held, DateTimeOffset now)
    {
        // With no key at all there is nobody to wait for.
        var activeAt = held.Count == 0 ? now : now + options.Value.KeyOverlap;
        return (SigningKey.Create(activeAt), activeAt + options.Value.AccessTokenLifetime + 2 * AuthOptions.ClockSkew);
    }

    private sealed record KeySet(IReadOnlyList<SigningKey> Keys, OpenIdConnectConfiguration Configuration, long LoadedAt);

    [LoggerMessage(2012, LogLevel.Warning, "Signing keys can't be read again; the known ones stay in use")]
    private partial void LogStale(Exception exception);

    [LoggerMessage(2015, LogLevel.Warning, "A new signing key is due but could not be stored; the known ones stay in use")]
    private partial void LogNotRotated(Exception exception);
}
