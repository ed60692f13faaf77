using Platform.Jobs;

namespace Platform.Data.Campaigns;

/// <summary>The job that sends a campaign; put it into the campaign's <see cref="Lane"/>, so that there is never more than one at work.</summary>
[Job("campaigns.send", Queue = JobQueues.Campaigns, MaxAttempts = 12, TimeoutSeconds = 600, BackoffSeconds = 5, Json = typeof(JobPayloads))]
public sealed record SendCampaign(Guid CampaignId)
{
    public static string Lane(Guid campaign) => $"campaign:{campaign:N}";
}
