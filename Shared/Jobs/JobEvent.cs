using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>Something that happened to a job: progress (its state is then <c>running</c>) or a new state.</summary>
/// <param name="TraceParent">The W3C trace context of the run it happened in; null when not traced.</param>
public sealed record JobEvent(
    TenantId Tenant, Guid JobId, string Type, string Queue, string State, JobProgress Progress, string? TraceParent);
