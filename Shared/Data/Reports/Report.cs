namespace Platform.Data.Reports;

/// <summary>A file written in the background for a user; a row of <c>reports</c>.</summary>
public sealed class Report : IVersionedRow, IListedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public required string Kind { get; init; }

    public required string Title { get; init; }

    /// <summary>A JSON object.</summary>
    public string Parameters { get; init; } = "{}";

    /// <summary>One of <see cref="ReportStatus"/>.</summary>
    public required string Status { get; init; }

    public Guid? JobId { get; init; }

    public long Rows { get; init; }

    public string? FileName { get; init; }

    public long? FileBytes { get; init; }

    public string? Error { get; init; }

    public Guid? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When its file is deleted.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
