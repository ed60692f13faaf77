using Platform.Jobs;

namespace Platform.Worker.Campaigns;

/// <summary>The job that gives campaigns their jobs which have none.</summary>
[Job("campaigns.adopt", Queue = JobQueues.Maintenance, MaxAttempts = 3, TimeoutSeconds = 300, RetentionDays = 1, Json = typeof(WorkerJobPayloads))]
internal sealed record AdoptCampaigns;
