using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Platform.Identity;
using Platform.Tenancy;

namespace Platform.Realtime.Security;

/// <summary>
/// Asks the Api whom a verified token of the external authority stands for, once a connection: only the Api knows who is linked with
/// which user, and what that user may do. The token itself says nothing of it.
/// </summary>
internal sealed partial class ExternalAccounts(
    IHttpClientFactory clients, IOptions<RealtimeOptions> options, ILogger<ExternalAccounts> logger)
{
    public const string ClientName = "accounts";

    public async Task IdentifyAsync(TokenValidatedContext context)
    {
        try
        {
            using var client = clients.CreateClient(ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Get, options.Value.AccountUri);
            request.Headers.TryAddWithoutValidation("Authorization", context.Request.Headers.Authorization.ToString());
            using var response = await client.SendAsync(request, context.HttpContext.RequestAborted);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    var account = await response.Content.ReadFromJsonAsync<Account>(context.HttpContext.RequestAborted);
                    context.Principal = Principal(account!, context.Principal!);
                    break;
                case HttpStatusCode.Unauthorized:
                    context.Fail("The Api doesn't take the token.");
                    break;
                case HttpStatusCode.Forbidden:
                    // Somebody, but nobody of a tenant: refused where operators are.
                    context.Principal = new ClaimsPrincipal(new ClaimsIdentity(ExternalTokens.SchemeName));
                    break;
                default:
                    LogUnexpected((int)response.StatusCode);
                    MarkUnavailable(context);
                    break;
            }
        }
        catch (Exception exception) when (!context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // Whatever it was (connection, timeout, an open circuit, not JSON), nobody knows who it is.
            LogFailed(exception);
            MarkUnavailable(context);
        }
    }

    private static void MarkUnavailable(TokenValidatedContext context)
    {
        context.HttpContext.MarkAuthenticationUnavailable();
        context.Fail("The Api couldn't say who it is.");
    }

    private static ClaimsPrincipal Principal(Account account, ClaimsPrincipal token)
    {
        var identity = new ClaimsIdentity(ExternalTokens.SchemeName);
        identity.AddClaim(new Claim(JwtRegisteredClaimNames.Sub, account.UserId.ToString()));
        if (account.TenantId is { } tenant)
            identity.AddClaim(new Claim(PlatformClaims.TenantId, tenant.ToString()));
        // Access that ended since then isn't opened by it again.
        if (token.FindFirst(JwtRegisteredClaimNames.Iat) is { } issued)
            identity.AddClaim(new Claim(JwtRegisteredClaimNames.Iat, issued.Value));
        identity.AddClaims(account.Permissions.Select(permission => new Claim(PlatformClaims.Permission, permission)));
        return new ClaimsPrincipal(identity);
    }

    /// <summary>What matters of the answer of <c>/api/auth/me</c>.</summary>
    private sealed record Account(Guid UserId, Guid? TenantId, string[] Permissions);

    [LoggerMessage(4002, LogLevel.Warning, "The Api couldn't be asked whom a token of the external authority stands for")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(4003, LogLevel.Warning, "The Api answered {Status} when asked whom a token of the external authority stands for")]
    private partial void LogUnexpected(int status);
}
