using Platform.Jobs;

namespace Platform.Data.Webhooks;

/// <summary>The job that acts on what one sender says in a stored call from another system.</summary>
/// <param name="Lane">
/// <see cref="WebhookItem.Lane"/> of the items it is for; null for those without. A call that carries several senders' items has one
/// job for each, so that what each of them says stays in order.
/// </param>
[Job("webhooks.process", Queue = JobQueues.Webhooks, MaxAttempts = 3, TimeoutSeconds = 60, BackoffSeconds = 2, Json = typeof(JobPayloads))]
public sealed record ProcessWebhook(Guid EventId, string? Lane);
