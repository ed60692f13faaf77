using Npgsql;
using NpgsqlTypes;
using Platform.Api.Http;
using Platform.Data.Security;

namespace Platform.Api.Features.Auth;

/// <summary>Sets passwords: the first one by invitation, the next by whoever knows the present one.</summary>
internal sealed class Credentials(
    NpgsqlDataSource dataSource, AccountStore accounts, SignInLockout lockout, Passwords passwords, IPermissionChanges changes,
    TimeProvider time)
{
    public const int MinPasswordLength = 10;

    private const string Stale = "The invitation isn't good any more. Ask whoever invited you for a new one.";

    /// <summary>Ends all other sessions of the user.</summary>
    /// <returns>Null when it is done.</returns>
    public async Task<ProblemResult?> ChangeAsync(
        Guid userId, Guid? sessionId, string present, string next, CancellationToken cancellationToken)
    {
        if (await accounts.FindPasswordAsync(userId, cancellationToken) is not var (email, hash))
            return Problems.Unauthorized("The session has ended. Sign in again.");
        // A stolen access token mustn't be a way to try passwords faster than signing in.
        if (await lockout.RemainingAsync(email, cancellationToken) is { } wait)
            return Problems.TooManyRequests("Too many wrong passwords for this address. Try again later.", wait);
        if (!passwords.Verify(hash, present))
        {
            await lockout.RecordFailureAsync(email, cancellationToken);
            return Problems.Invalid("currentPassword", "The present password is wrong.");
        }
        await lockout.ClearAsync(email, cancellationToken);
        IReadOnlyList<EndedSession> ended;
        try
        {
            ended = await accounts.ChangePasswordAsync(
                userId, hash, passwords.Hash(next), sessionId, time.GetUtcNow(), cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.SerializationFailure)
        {
            return Problems.Conflict("The password was changed by another request at the same time.");
        }
        await changes.SessionsEndedAsync(ended);
        return null;
    }

    /// <returns>Null when the password is set; the person can sign in.</returns>
    public async Task<ProblemResult?> AcceptAsync(string token, string password, CancellationToken cancellationToken)
    {
        var (hash, now) = (RefreshToken.Hash(token), time.GetUtcNow());
        if (!await AskAsync("SELECT identity_has_invitation($1, $2)", hash, null, now, cancellationToken))
            return Problems.Invalid("token", Stale);
        var set = await AskAsync(
            "SELECT identity_accept_invitation($1, $3, $2)", hash, passwords.Hash(password), now, cancellationToken);
        return set ? null : Problems.Invalid("token", Stale);
    }

    private async Task<bool> AskAsync(
        string sql, byte[] tokenHash, string? passwordHash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.AddWithValue(tokenHash);
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, now);
        if (passwordHash is not null)
            command.Parameters.AddWithValue(passwordHash);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
