namespace Platform.Data.Errors;

/// <summary>All unhandled exceptions of one kind; of no tenant, for operators; a row of <c>errors</c>.</summary>
public sealed class ErrorGroup
{
    public required string Fingerprint { get; init; }

    public required string Service { get; init; }

    public required string Type { get; init; }

    public required string Message { get; init; }

    public string Stack { get; init; } = "";

    /// <summary>Of the last one.</summary>
    public string? TraceId { get; init; }

    public long Count { get; init; }

    public DateTimeOffset FirstSeen { get; init; }

    public DateTimeOffset LastSeen { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }
}
