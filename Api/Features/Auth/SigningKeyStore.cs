using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using Platform.Data.Security;

namespace Platform.Api.Features.Auth;

/// <summary>Signing keys in the database, their private halves encrypted. A handful of rows: no index.</summary>
internal sealed partial class SigningKeyStore(NpgsqlDataSource dataSource, SecretProtector protector, ILogger<SigningKeyStore> logger)
{
    // Long after the last token of a key; then nobody misses it, and its private half is gone for good.
    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromDays(1);

    /// <param name="known">Keys that needn't be decrypted again.</param>
    /// <returns>Those not retired at <paramref name="now"/>, the one that signs last first.</returns>
    public async Task<IReadOnlyList<SigningKey>> LoadAsync(
        DateTimeOffset now, IReadOnlyList<SigningKey> known, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await LoadAsync(connection, now, known, cancellationToken);
    }

    /// <summary>Stores a new key unless another replica just has: whoever comes second waits and then finds it.</summary>
    /// <param name="next">Gets the keys there are; gives the new one and when all others retire, or null for none.</param>
    public async Task<IReadOnlyList<SigningKey>> RotateAsync(
        DateTimeOffset now, Func<IReadOnlyList<SigningKey>, (SigningKey Key, DateTimeOffset OthersRetireAt)?> next,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, "SELECT pg_advisory_xact_lock(7815264480103)", [], cancellationToken);
        var keys = await LoadAsync(connection, now, [], cancellationToken);
        if (next(keys) is not var (key, othersRetireAt))
            return keys;
        await ExecuteAsync(
            connection, "UPDATE signing_keys SET retired_at = $1 WHERE retired_at IS NULL", [othersRetireAt], cancellationToken);
        await ExecuteAsync(connection, "DELETE FROM signing_keys WHERE retired_at < $1", [now - KeptAfterwards], cancellationToken);
        await ExecuteAsync(
            connection,
            "INSERT INTO signing_keys (id, public_jwk, private_key, created_at, active_at) VALUES ($1, $2::jsonb, $3, $4, $5)",
            [key.Id, key.PublicJson(), key.Protect(protector), now, key.ActiveAt],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogCreated(key.Id, key.ActiveAt);
        return [key, .. keys];
    }

    private async Task<IReadOnlyList<SigningKey>> LoadAsync(
        NpgsqlConnection connection, DateTimeOffset now, IReadOnlyList<SigningKey> known, CancellationToken cancellationToken)
    {
        var keys = new List<SigningKey>();
        await using var command = new NpgsqlCommand(
            """
            SELECT id, private_key, active_at FROM signing_keys
            WHERE retired_at IS NULL OR retired_at > $1
            ORDER BY active_at DESC, id
            """, connection);
        command.Parameters.AddWithValue(now);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (id, secret) = (reader.GetString(0), reader.GetString(1));
            try
            {
                keys.Add(known.FirstOrDefault(key => key.Id == id)
                    ?? SigningKey.Load(id, secret, reader.GetFieldValue<DateTimeOffset>(2), protector));
            }
            catch (CryptographicException exception)
            {
                // ENCRYPTION_KEY was replaced without keeping the old one: its tokens end, a new key takes over.
                LogUnreadable(id, exception);
            }
        }
        return keys;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, object[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(2010, LogLevel.Information, "Made signing key {KeyId}; it signs from {ActiveAt} on")]
    private partial void LogCreated(string keyId, DateTimeOffset activeAt);

    [LoggerMessage(2011, LogLevel.Error, "Signing key {KeyId} can't be decrypted with ENCRYPTION_KEY or ENCRYPTION_KEY_PREVIOUS")]
    private partial void LogUnreadable(string keyId, Exception exception);
}
