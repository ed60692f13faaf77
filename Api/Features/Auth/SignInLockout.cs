using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Platform.Api.Features.Auth;

/// <summary>
/// Locks an address after repeated wrong passwords. Counts by address and not by user, so that unknown addresses behave
/// as known ones do; only a hash of the address is kept. Index: sign_in_failures_pkey.
/// </summary>
internal sealed class SignInLockout(NpgsqlDataSource dataSource, IOptions<AuthOptions> options, TimeProvider time)
{
    /// <returns>How long the address is still locked; null when it isn't.</returns>
    public async Task<TimeSpan?> RemainingAsync(string email, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT locked_until FROM sign_in_failures WHERE email_hash = $1");
        command.Parameters.AddWithValue(Hash(email));
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime until
            && new DateTimeOffset(until) - time.GetUtcNow() is { Ticks: > 0 } left ? left : null;
    }

    public async Task RecordFailureAsync(string email, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // A count older than the window, or one that already led to a lock, starts again.
        await using var command = dataSource.CreateCommand(
            """
            INSERT INTO sign_in_failures AS f (email_hash, failures, last_at, locked_until)
            VALUES ($1, 1, $2, CASE WHEN $4 <= 1 THEN $5 END)
            ON CONFLICT (email_hash) DO UPDATE SET
                failures = CASE WHEN f.last_at < $3 OR f.locked_until <= $2 THEN 1 ELSE f.failures + 1 END,
                last_at = $2,
                locked_until = CASE WHEN $4 <= CASE WHEN f.last_at < $3 OR f.locked_until <= $2 THEN 1 ELSE f.failures + 1 END THEN $5 END
            """);
        command.Parameters.AddWithValue(Hash(email));
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(now - options.Value.LockoutDuration);
        command.Parameters.AddWithValue(options.Value.MaxFailures);
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, now + options.Value.LockoutDuration);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task ClearAsync(string email, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("DELETE FROM sign_in_failures WHERE email_hash = $1");
        command.Parameters.AddWithValue(Hash(email));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[] Hash(string email) => SHA256.HashData(Encoding.UTF8.GetBytes(email.ToLowerInvariant()));
}
