namespace Platform.Tenancy;

/// <summary>Names of the claims in the platform's access tokens. The user id is the standard <c>sub</c>.</summary>
public static class PlatformClaims
{
    /// <summary>The tenant's id, 36 characters. Absent in an operator's token.</summary>
    public const string TenantId = "tenant_id";

    /// <summary>The tenant's slug, for people to read.</summary>
    public const string Tenant = "tenant";

    /// <summary>The tenant's plan: <c>free</c>, <c>pro</c> or <c>enterprise</c>.</summary>
    public const string Plan = "plan";

    /// <summary>A role's name; repeated.</summary>
    public const string Role = "role";

    /// <summary>A permission's name; repeated. See <see cref="Permissions"/>.</summary>
    public const string Permission = "permission";

    /// <summary>The id of the API key a machine came with; it has no <c>sub</c> then.</summary>
    public const string ApiKey = "api_key";
}
