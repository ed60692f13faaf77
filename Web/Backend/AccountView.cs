namespace Platform.Web.Backend;

/// <summary>Who is signed in; the shape of <c>GET /api/auth/me</c>. An operator has no tenant.</summary>
internal sealed record AccountView(
    Guid UserId,
    Guid? TenantId,
    string? Tenant,
    string? Plan,
    string Email,
    string Name,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Permissions);
