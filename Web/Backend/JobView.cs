using System.Text.Json;

namespace Platform.Web.Backend;

/// <summary>A background job as <c>GET /api/jobs/{id}/status</c> tells it.</summary>
internal sealed record JobView(Guid Id, string Type, string State, JobProgressView Progress, JsonElement? Result, string? Error)
{
    public bool IsFinished => State is "succeeded" or "dead" or "failed" or "cancelled";
}
