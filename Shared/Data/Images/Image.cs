namespace Platform.Data.Images;

/// <summary>A picture's place: one member's avatar, or the tenant's logo; a row of <c>images</c>.</summary>
public sealed class Image : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>One of <see cref="ImageKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The user, or the tenant.</summary>
    public Guid OwnerId { get; init; }

    /// <summary>The last upload.</summary>
    public Guid UploadId { get; init; }

    public Guid JobId { get; init; }

    /// <summary>One of <see cref="ImageStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why the last upload can't be shown.</summary>
    public string? Error { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update.</summary>
    public long Version { get; init; }
}
