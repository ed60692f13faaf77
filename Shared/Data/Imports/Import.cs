namespace Platform.Data.Imports;

/// <summary>One uploaded file and how far it is; a row of <c>imports</c>.</summary>
public sealed class Import : ITenantOwned, IListedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public required string FileName { get; init; }

    /// <summary>One of <see cref="ImportStatus"/>.</summary>
    public required string Status { get; init; }

    public long TotalBytes { get; init; }

    /// <summary>Records in the file; 0 while unknown.</summary>
    public long RowsTotal { get; init; }

    public long RowsDone { get; init; }

    public long Imported { get; init; }

    public long Rejected { get; init; }

    /// <summary>Why the whole file failed; null otherwise.</summary>
    public string? Error { get; init; }

    public Guid JobId { get; init; }

    /// <summary>The person who brought the file; null when a machine did.</summary>
    public Guid? CreatedBy { get; init; }

    /// <summary>The API key of the machine that brought it; null when a person did.</summary>
    public Guid? CreatedByKey { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}
