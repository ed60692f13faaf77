using Microsoft.Extensions.Options;
using Platform.Api.Http;
using Platform.Data.Security;

namespace Platform.Api.Features.Auth;

/// <summary>Signs in, renews and signs out.</summary>
internal sealed partial class Sessions(
    AccountStore accounts,
    SignInLockout lockout,
    Passwords passwords,
    AccessTokens accessTokens,
    IPermissionChanges changes,
    IOptions<AuthOptions> options,
    TimeProvider time,
    ILogger<Sessions> logger)
{
    private const string WrongCredentials = "The e-mail address or the password is wrong.";
    private const string Ended = "The session has ended. Sign in again.";

    public async Task<(TokenResponse? Tokens, ProblemResult? Problem)> LoginAsync(
        string email, string password, string? tenant, CancellationToken cancellationToken)
    {
        if (await lockout.RemainingAsync(email, cancellationToken) is { } wait)
            return (null, Problems.TooManyRequests("Too many wrong passwords for this address. Try again later.", wait));

        var credentials = await accounts.FindCredentialsAsync(email, cancellationToken);
        if (!passwords.Verify(credentials?.PasswordHash, password))
        {
            await lockout.RecordFailureAsync(email, cancellationToken);
            LogRefused();
            return (null, Problems.Unauthorized(WrongCredentials));
        }

        await lockout.ClearAsync(email, cancellationToken);
        var account = await accounts.LoadAsync(credentials!.Value.UserId, tenantId: null, tenant, cancellationToken);
        if (account is null)
            return (null, Problems.Forbidden("This account isn't a member of that tenant."));
        if (account.Refusal is { } refusal)
            return (null, Problems.Forbidden(refusal));

        var refreshToken = RefreshToken.Create();
        var sessionId = Guid.CreateVersion7();
        var now = time.GetUtcNow();
        await accounts.AddRefreshTokenAsync(
            account, sessionId, RefreshToken.Hash(refreshToken), now, now + options.Value.RefreshTokenLifetime, cancellationToken);
        await accounts.AuditAsync(account, "auth.login", cancellationToken);
        return (await ResponseAsync(account, sessionId, refreshToken, cancellationToken), null);
    }

    public async Task<(TokenResponse? Tokens, ProblemResult? Problem)> RefreshAsync(
        string refreshToken, CancellationToken cancellationToken)
    {
        var next = RefreshToken.Create();
        var now = time.GetUtcNow();
        var (outcome, session) = await accounts.RenewAsync(
            RefreshToken.Hash(refreshToken), RefreshToken.Hash(next), now, now + options.Value.RefreshTokenLifetime, cancellationToken);
        if (outcome != "rotated")
        {
            if (outcome == "reused")
            {
                LogReused(session.UserId);
                await changes.SessionsEndedAsync([session]);
            }
            return (null, Problems.Unauthorized(Ended));
        }
        var account = await accounts.LoadAsync(session.UserId, session.Tenant?.Value, slug: null, cancellationToken);
        if (account is null or { Refusal: not null })
        {
            await changes.SessionsEndedAsync(await accounts.EndAsync(RefreshToken.Hash(next), everywhere: false, now, cancellationToken));
            return (null, Problems.Unauthorized(Ended));
        }
        return (await ResponseAsync(account, session.SessionId, next, cancellationToken), null);
    }

    /// <summary>Ends the session the token belongs to, or all of its user; an unknown one is as good as ended.</summary>
    public async Task LogoutAsync(string refreshToken, bool everywhere, CancellationToken cancellationToken) => await changes.SessionsEndedAsync(
        await accounts.EndAsync(RefreshToken.Hash(refreshToken), everywhere, time.GetUtcNow(), cancellationToken));

    private async Task<TokenResponse> ResponseAsync(
        Account account, Guid sessionId, string refreshToken, CancellationToken cancellationToken)
    {
        var (accessToken, expiresAt) = await accessTokens.CreateAsync(account, sessionId, cancellationToken);
        return new TokenResponse(accessToken, refreshToken, expiresAt);
    }

    [LoggerMessage(2013, LogLevel.Information, "A sign-in was refused")]
    private partial void LogRefused();

    [LoggerMessage(2014, LogLevel.Warning, "A used refresh token of user {UserId} came again; its session family was ended")]
    private partial void LogReused(Guid userId);
}
