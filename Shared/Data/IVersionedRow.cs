namespace Platform.Data;

/// <summary>A row of one tenant that is changed by id, from one version to the next.</summary>
public interface IVersionedRow : ITenantOwned
{
    Guid Id { get; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    long Version { get; }
}
