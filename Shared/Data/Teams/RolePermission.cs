namespace Platform.Data.Teams;

/// <summary>A permission that a role holds; a row of <c>role_permissions</c>.</summary>
public sealed class RolePermission : ITenantOwned
{
    public Guid TenantId { get; init; }

    public Guid RoleId { get; init; }

    /// <summary>One of <see cref="Platform.Tenancy.Permissions"/>.</summary>
    public required string Permission { get; init; }
}
