using System.Text.Json;

namespace Platform.Jobs;

/// <summary>A job as its tenant sees it; the shape of <c>GET /api/jobs/{id}/status</c>.</summary>
/// <param name="State">scheduled, available, running, retrying, succeeded, failed, dead or cancelled.</param>
public sealed record JobStatus(
    Guid Id,
    string Type,
    string Queue,
    string State,
    JobProgress Progress,
    int Attempts,
    int MaxAttempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    JsonElement? Result,
    string? Error);
