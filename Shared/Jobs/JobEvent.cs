using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>
/// Something that happened to a job: progress (its state is then <c>running</c>) or a new state. That it runs is told of runs only that go
/// on for some tenths of a second and haven't told progress: of others the end is told before anybody could look.
/// </summary>
/// <param name="TraceParent">The W3C trace context of the run it happened in; null when not traced.</param>
public sealed record JobEvent(
    TenantId Tenant, Guid JobId, string Type, string Queue, string State, JobProgress Progress, string? TraceParent)
{
    /// <summary>Whether it is about the run's having begun, and not about progress.</summary>
    public bool IsStart { get; init; }
}
