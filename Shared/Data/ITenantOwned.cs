namespace Platform.Data;

/// <summary>A row that belongs to one tenant: <see cref="PlatformDb"/> reads only those of its own.</summary>
public interface ITenantOwned
{
    Guid TenantId { get; }
}
