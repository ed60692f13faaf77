using Platform.Jobs;

namespace Platform.Data.Imports;

/// <summary>The job that turns an uploaded file into contacts.</summary>
[Job("contacts.import", Queue = JobQueues.Imports, MaxAttempts = 5, TimeoutSeconds = 600, Json = typeof(JobPayloads))]
public sealed record ImportContacts(Guid ImportId);
