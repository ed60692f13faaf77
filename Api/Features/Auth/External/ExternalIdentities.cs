using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using Platform.Identity;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth.External;

/// <summary>
/// Says which user of the platform a verified token of the external authority stands for: the one its subject is linked with,
/// linked at first use through an address the authority has verified. Nothing else of the token counts but its expiry and, if
/// so set, which of the user's tenants is meant. What was found holds a minute; the user's standing is asked on each request as
/// everybody's.
/// </summary>
internal sealed partial class ExternalIdentities(
    NpgsqlDataSource dataSource, AccountStore accounts, IOptions<ExternalOptions> options, TimeProvider time,
    ILogger<ExternalIdentities> logger)
{
    private const int MaxEntries = 10_000, MaxSubjectLength = 255, MaxEmailLength = 254;
    private const string Unknown = "Nobody here is known by this identity. Ask an administrator of your tenant for an invitation.";
    private const string Operator = "Operators sign in with their account on this platform.";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Subject, string? Tenant), Found> _found = new();
    private readonly ConditionalWeakTable<SecurityToken, Caller> _callers = [];
    private int _added;

    /// <param name="token">Verified; the same object for each request with a remembered token.</param>
    /// <param name="claims">Its claims.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <exception cref="AccessRefusedException">It stands for nobody who may come in.</exception>
    public ValueTask<PlatformPrincipal> ResolveAsync(SecurityToken token, ClaimsPrincipal claims, CancellationToken cancellationToken) =>
        _callers.TryGetValue(token, out var known) && IsFresh(known.Found)
            ? new ValueTask<PlatformPrincipal>(known.Principal)
            : new ValueTask<PlatformPrincipal>(FindAsync(token, claims, cancellationToken));

    private async Task<PlatformPrincipal> FindAsync(SecurityToken token, ClaimsPrincipal claims, CancellationToken cancellationToken)
    {
        var subject = claims.FindFirstValue(JwtRegisteredClaimNames.Sub);
        if (subject is not { Length: > 0 and <= MaxSubjectLength })
            throw new AccessRefusedException("The token names no subject.");
        var name = (subject, TenantOf(claims));
        if (!_found.TryGetValue(name, out var found) || !IsFresh(found))
        {
            found = new Found(await LoadAsync(subject, name.Item2, claims, cancellationToken), time.GetTimestamp());
            if (!_found.ContainsKey(name) && Interlocked.Increment(ref _added) > MaxEntries)
            {
                _found.Clear();
                Volatile.Write(ref _added, 1);
            }
            _found[name] = found;
        }
        var principal = Principal(found.Account, claims);
        _callers.AddOrUpdate(token, new Caller(found, principal));
        return principal;
    }

    private async Task<Account> LoadAsync(string subject, string? tenant, ClaimsPrincipal claims, CancellationToken cancellationToken)
    {
        var (issuer, isNew) = (options.Value.EffectiveIssuer, false);
        if (await FindLinkAsync(issuer, subject, cancellationToken) is not { } user)
            (user, isNew) = await LinkAsync(issuer, subject, claims, cancellationToken);
        var isId = Guid.TryParse(tenant, out var id);
        var account = await accounts.LoadAsync(user, isId ? id : null, isId ? null : tenant, cancellationToken)
            ?? throw new AccessRefusedException("This account isn't a member of that tenant.");
        if (account.IsOperator && !options.Value.AllowOperators)
            throw new AccessRefusedException(Operator);
        if (account.Refusal is { } refusal)
            throw new AccessRefusedException(refusal);
        if (isNew)
        {
            LogLinked(user);
            await accounts.AuditAsync(account, "auth.external-link", cancellationToken);
        }
        return account;
    }

    /// <summary>Index: external_identities_pkey.</summary>
    private async Task<Guid?> FindLinkAsync(string issuer, string subject, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT identity_find_external($1, $2)");
        command.Parameters.AddWithValue(issuer);
        command.Parameters.AddWithValue(subject);
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    private async Task<(Guid User, bool IsNew)> LinkAsync(
        string issuer, string subject, ClaimsPrincipal claims, CancellationToken cancellationToken)
    {
        if (claims.FindFirstValue(JwtRegisteredClaimNames.Email) is not { Length: > 0 and <= MaxEmailLength } email)
            throw new AccessRefusedException(Unknown);
        // Some authorities write it as a string. Missing means no: anybody could claim the address of somebody here.
        if (!string.Equals(claims.FindFirstValue(JwtRegisteredClaimNames.EmailVerified), "true", StringComparison.OrdinalIgnoreCase))
            throw new AccessRefusedException("The authority hasn't verified this e-mail address, so it says nothing about who you are.");
        await using var command = dataSource.CreateCommand("SELECT outcome, user_id FROM identity_link_external($1, $2, $3, $4, $5)");
        command.Parameters.AddWithValue(issuer);
        command.Parameters.AddWithValue(subject);
        command.Parameters.AddWithValue(email);
        command.Parameters.AddWithValue(options.Value.AllowOperators);
        command.Parameters.AddWithValue(time.GetUtcNow());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetString(0) switch
        {
            "linked" => (reader.GetGuid(1), true),
            "known" => (reader.GetGuid(1), false),
            "operator" => throw new AccessRefusedException(Operator),
            "taken" => throw new AccessRefusedException("Another identity of this authority is linked with the account of that address."),
            _ => throw new AccessRefusedException(Unknown),
        };
    }

    private string? TenantOf(ClaimsPrincipal claims)
    {
        if (options.Value.TenantClaim is not { Length: > 0 } type)
            return null;
        string? value = null;
        foreach (var claim in claims.FindAll(type))
        {
            if (value is not null)
                throw new AccessRefusedException("The token names several tenants; it must name one.");
            value = claim.Value;
        }
        return value;
    }

    /// <summary>Made of the account alone: what else the authority says, its roles, permissions, tenants, means nothing here.</summary>
    private static PlatformPrincipal Principal(Account account, ClaimsPrincipal claims)
    {
        List<Claim> own =
        [
            new(JwtRegisteredClaimNames.Sub, account.UserId.ToString("D")),
            new(JwtRegisteredClaimNames.Email, account.Email),
            new(JwtRegisteredClaimNames.Name, account.Name),
            new(JwtRegisteredClaimNames.Exp, claims.FindFirstValue(JwtRegisteredClaimNames.Exp)!),
        ];
        if (account is { IsOperator: false, TenantId: { } tenant })
        {
            own.Add(new(PlatformClaims.TenantId, tenant.ToString("D")));
            own.Add(new(PlatformClaims.Tenant, account.Tenant!));
            own.Add(new(PlatformClaims.Plan, account.Plan!));
        }
        own.AddRange(account.EffectiveRoles.Select(role => new Claim(PlatformClaims.Role, role)));
        own.AddRange(account.EffectivePermissions.Select(permission => new Claim(PlatformClaims.Permission, permission)));
        return new PlatformPrincipal(new ClaimsIdentity(own, ExternalTokens.SchemeName, JwtRegisteredClaimNames.Name, PlatformClaims.Role));
    }

    private bool IsFresh(Found found) => time.GetElapsedTime(found.ReadAt) < Lifetime;

    private sealed record Found(Account Account, long ReadAt);

    private sealed record Caller(Found Found, PlatformPrincipal Principal);

    [LoggerMessage(2022, LogLevel.Information, "An identity of the external authority was linked with user {UserId}")]
    private partial void LogLinked(Guid userId);
}
