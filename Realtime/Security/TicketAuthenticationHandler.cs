using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Platform.Events;
using Platform.Redis;
using Platform.Tenancy;

namespace Platform.Realtime.Security;

/// <summary>Takes the one-time ticket of the query: for browsers, which can't send a header with a stream or a socket.</summary>
internal sealed class TicketAuthenticationHandler(
    RealtimeTickets tickets, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Ticket = "Ticket";
    public const string Parameter = "ticket";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        try
        {
            var holder = await tickets.RedeemAsync(Request.Query[Parameter], Context.RequestAborted);
            if (holder is null)
                return AuthenticateResult.Fail("The ticket is unknown, used or expired.");
            List<Claim> claims =
            [
                new("sub", holder.UserId.ToString()), new(PlatformClaims.TenantId, holder.Tenant.ToString()),
                .. holder.Permissions.Select(permission => new Claim(PlatformClaims.Permission, permission)),
            ];
            if (holder.SessionId is { } session)
                claims.Add(new("sid", session.ToString()));
            if (holder.IssuedAt is { } issued)
                claims.Add(new("iat", issued.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
            var principal = new ClaimsPrincipal(new ClaimsIdentity(claims, Ticket));
            var properties = new AuthenticationProperties { ExpiresUtc = holder.TokenExpiresAt };
            return AuthenticateResult.Success(new AuthenticationTicket(principal, properties, Ticket));
        }
        catch (RedisUnavailableException)
        {
            Context.MarkAuthenticationUnavailable();
            return AuthenticateResult.Fail("Redis is away.");
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Context.IsAuthenticationUnavailable() ? Context.AnswerUnavailable() : base.HandleChallengeAsync(properties);
}
