using Platform.Tenancy;

namespace Platform.Jobs.Engine;

/// <summary>A job this worker has claimed, as <c>claim.sql</c> answers it.</summary>
/// <param name="Due">What is left of its tenant's turn, if the round ended with it.</param>
internal sealed record ClaimedJob(
    long Seq,
    Guid Id,
    TenantId Tenant,
    string Queue,
    short Attempt,
    string? Lane,
    double WaitSeconds,
    string Type,
    short MaxAttempts,
    int TimeoutSeconds,
    bool BlocksLane,
    string? TraceParent,
    byte[] Payload,
    bool Capped,
    int Worker,
    Guid? Batch = null,
    int? Due = null);
