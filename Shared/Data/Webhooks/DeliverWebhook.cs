using Platform.Jobs;

namespace Platform.Data.Webhooks;

/// <summary>The job that takes one event to one endpoint.</summary>
[Job(JobType, Queue = JobQueues.Deliveries, MaxAttempts = 3, TimeoutSeconds = 60, BackoffSeconds = 2, Json = typeof(JobPayloads))]
public sealed record DeliverWebhook(Guid DeliveryId)
{
    public const string JobType = "webhooks.deliver";
}
