using System.Security.Cryptography;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Npgsql;
using NpgsqlTypes;
using Platform.Data.Security;

namespace Platform.Api.Features.Auth;

/// <summary>
/// The keys that sign access tokens and the ones that verify them, shared by all replicas through table
/// <c>signing_keys</c>. Read at first use, then every five minutes, and at once (at most every five seconds) when a
/// token names a key that isn't known here yet. The first replica to find no key makes one.
/// </summary>
internal sealed partial class SigningKeys(
    NpgsqlDataSource dataSource, SecretProtector protector, TimeProvider time, ILogger<SigningKeys> logger)
    : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5), MinAge = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile KeySet? _current;
    private volatile bool _refreshRequested;

    /// <summary>The key new tokens are signed with: the newest.</summary>
    public async Task<SigningKey> GetActiveAsync(CancellationToken cancellationToken) => (await GetAsync(cancellationToken)).Keys[0];

    /// <summary>All keys that verify tokens, newest first.</summary>
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
            if (keys.Count == 0)
                keys = await CreateFirstAsync(cancellationToken);
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

    // A handful of rows: no index.
    private async Task<IReadOnlyList<SigningKey>> LoadAsync(CancellationToken cancellationToken)
    {
        var keys = new List<SigningKey>();
        await using var command = dataSource.CreateCommand(
            "SELECT id, private_key FROM signing_keys WHERE retired_at IS NULL OR retired_at > $1 ORDER BY created_at DESC, id");
        command.Parameters.AddWithValue(time.GetUtcNow());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (id, secret) = (reader.GetString(0), reader.GetString(1));
            try
            {
                keys.Add(_current?.Keys.FirstOrDefault(known => known.Id == id) ?? SigningKey.Load(id, secret, protector));
            }
            catch (CryptographicException exception)
            {
                // ENCRYPTION_KEY was replaced without keeping the old one: its tokens end, a new key takes over.
                LogUnreadable(id, exception);
            }
        }
        return keys;
    }

    private async Task<IReadOnlyList<SigningKey>> CreateFirstAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Replicas starting at once make one key between them.
        await using (var gate = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7815264480103)", connection))
            await gate.ExecuteNonQueryAsync(cancellationToken);
        var present = await LoadAsync(cancellationToken);
        if (present.Count > 0)
            return present;

        var key = SigningKey.Create();
        await using (var insert = new NpgsqlCommand(
            "INSERT INTO signing_keys (id, public_jwk, private_key, created_at) VALUES ($1, $2, $3, $4)", connection))
        {
            insert.Parameters.AddWithValue(key.Id);
            insert.Parameters.AddWithValue(NpgsqlDbType.Jsonb, key.PublicJson());
            insert.Parameters.AddWithValue(key.Protect(protector));
            insert.Parameters.AddWithValue(time.GetUtcNow());
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        LogCreated(key.Id);
        return [key];
    }

    private sealed record KeySet(IReadOnlyList<SigningKey> Keys, OpenIdConnectConfiguration Configuration, long LoadedAt);

    [LoggerMessage(2010, LogLevel.Information, "Made signing key {KeyId}")]
    private partial void LogCreated(string keyId);

    [LoggerMessage(2011, LogLevel.Error, "Signing key {KeyId} can't be decrypted with ENCRYPTION_KEY or ENCRYPTION_KEY_PREVIOUS")]
    private partial void LogUnreadable(string keyId, Exception exception);

    [LoggerMessage(2012, LogLevel.Warning, "Signing keys can't be read again; the known ones stay in use")]
    private partial void LogStale(Exception exception);
}
