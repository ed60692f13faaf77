namespace Platform.Tenancy;

/// <summary>
/// Whose jobs the deployment's own are (clean-up, backup, cache warming), since every job has a tenant. It has no row anywhere, so
/// whatever runs as it sees no tenant's data.
/// </summary>
public static class PlatformTenant
{
    public static TenantId Id { get; } = new(new Guid("00000000-0000-7000-8000-706c6174666f"));
}
