using System.Security.Claims;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

/// <summary>Makes access tokens: signed with ES256, readable by every service through the key set.</summary>
internal sealed class AccessTokens(SigningKeys keys, IOptions<AuthOptions> options, TimeProvider time)
{
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    public async Task<(string Token, DateTimeOffset ExpiresAt)> CreateAsync(
        Account account, Guid sessionId, CancellationToken cancellationToken)
    {
        var key = await keys.GetActiveAsync(cancellationToken);
        var now = time.GetUtcNow();
        var expiresAt = now + options.Value.AccessTokenLifetime;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = options.Value.Issuer,
            Audience = options.Value.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            Subject = new ClaimsIdentity(Claims(account, sessionId)),
            SigningCredentials = new SigningCredentials(key.SecurityKey, SecurityAlgorithms.EcdsaSha256),
        };
        // Tokens count whole seconds; so does what the client is told.
        return (Handler.CreateToken(descriptor), DateTimeOffset.FromUnixTimeSeconds(expiresAt.ToUnixTimeSeconds()));
    }

    private static IEnumerable<Claim> Claims(Account account, Guid sessionId)
    {
        yield return new Claim(JwtRegisteredClaimNames.Sub, account.UserId.ToString("D"));
        yield return new Claim(JwtRegisteredClaimNames.Jti, Guid.CreateVersion7().ToString("D"));
        yield return new Claim(JwtRegisteredClaimNames.Sid, sessionId.ToString("D"));
        yield return new Claim(JwtRegisteredClaimNames.Email, account.Email);
        yield return new Claim(JwtRegisteredClaimNames.Name, account.Name);
        if (account is { IsOperator: false, TenantId: { } tenant })
        {
            yield return new Claim(PlatformClaims.TenantId, tenant.ToString("D"));
            yield return new Claim(PlatformClaims.Tenant, account.Tenant!);
            yield return new Claim(PlatformClaims.Plan, account.Plan!);
        }
        foreach (var role in account.EffectiveRoles)
            yield return new Claim(PlatformClaims.Role, role);
        foreach (var permission in account.EffectivePermissions)
            yield return new Claim(PlatformClaims.Permission, permission);
    }
}
