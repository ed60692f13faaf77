using Platform.Data;
using Platform.Data.Campaigns;
using Platform.Jobs;

namespace Platform.Api.Features.Campaigns;

/// <summary>The jobs that send campaigns, enqueued and cancelled with the campaign's own change.</summary>
internal sealed class CampaignJobs(IJobQueue jobs, TimeProvider time)
{
    /// <param name="begin">Null, or over: now.</param>
    /// <returns>The job's id.</returns>
    public Task<Guid> StartAsync(TenantTransaction transaction, Guid campaign, DateTimeOffset? begin, CancellationToken cancellationToken)
    {
        var delay = begin - time.GetUtcNow();
        return jobs.EnqueueAsync(
            transaction.Transaction, transaction.Tenant, new SendCampaign(campaign),
            new JobOptions { Lane = SendCampaign.Lane(campaign), Delay = delay > TimeSpan.Zero ? delay.Value : TimeSpan.Zero }, cancellationToken);
    }

    /// <summary>A job that waits is over; one that runs stops after the message it is at.</summary>
    public async Task StopAsync(TenantTransaction transaction, Campaign campaign, CancellationToken cancellationToken)
    {
        if (campaign.JobId is { } job)
            await jobs.CancelAsync(transaction.Transaction, transaction.Tenant, job, cancellationToken);
    }
}
