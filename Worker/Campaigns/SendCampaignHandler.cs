using Microsoft.Extensions.Options;
using Platform.Data.Campaigns;
using Platform.Jobs;

namespace Platform.Worker.Campaigns;

/// <summary>
/// Sends a campaign, a slice of time a run: gathers its recipients, then takes, sends and records them one by one. A run that dies leaves at
/// most one recipient of whom it isn't known whether the message went out; it is sent again, with the same id.
/// </summary>
internal sealed class SendCampaignHandler(
    CampaignStore store, IEnumerable<ICampaignChannel> channels, SendPace pace, OptOutUrls optOuts, IOptions<CampaignOptions> options,
    TimeProvider time)
    : IJobHandler<SendCampaign>
{
    private const int Batch = 100;

    private static readonly TimeSpan ShownEvery = TimeSpan.FromSeconds(2), AfterFault = TimeSpan.FromSeconds(5);

    public async Task<object?> RunAsync(SendCampaign payload, JobContext context, CancellationToken cancellationToken)
    {
        if (await store.StartAsync(payload.CampaignId, cancellationToken) is not { } campaign)
            return null; // Deleted.
        if (campaign.Wait > TimeSpan.Zero)
            throw new SnoozeJobException(campaign.Wait);
        if (campaign.Status != CampaignStatus.Sending)
            return new { campaign.Status }; // Stopped meanwhile, or another run did it all.
        try
        {
            return await SendAsync(campaign, context, cancellationToken);
        }
        catch (PermanentJobException e)
        {
            await store.PauseAsync(campaign, e.Message, CancellationToken.None);
            throw;
        }
        catch (OperationCanceledException) when (context.IsCancelled)
        {
            // Nothing to do if it was the campaign that was stopped; else somebody cancelled the job alone.
            await store.PauseAsync(campaign, "Its job was cancelled.", CancellationToken.None);
            throw;
        }
        catch (Exception e) when (e is not (OperationCanceledException or SnoozeJobException) && context.IsLastAttempt)
        {
            await store.PauseAsync(campaign, e is JobException ? e.Message : "Sending failed.", CancellationToken.None);
            throw;
        }
    }

    private async Task<object?> SendAsync(RunningCampaign campaign, JobContext context, CancellationToken cancellationToken)
    {
        var channel = channels.FirstOrDefault(channel => channel.Serves(campaign.Channel))
            ?? throw new PermanentJobException($"Nothing sends campaigns on the channel '{campaign.Channel}'.");
        if (channel.Lack is { } lack)
            throw new PermanentJobException(lack);
        var start = time.GetTimestamp();
        if (await GatherAsync(campaign, start, cancellationToken) is not { } recipients)
            return new { status = "stopped" };

        await using var outbox = new Outbox(channel);
        var (done, after, shown) = (campaign.Done, Guid.Empty, start);
        while (await store.PendingAsync(campaign.Id, after, Batch, options.Value.RetryDelay, cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var recipient in batch)
            {
                await pace.WaitAsync(cancellationToken);
                var (isTaken, status) = await store.TakeAsync(campaign.Id, recipient.ContactId, cancellationToken);
                if (status == CampaignStore.Suspended)
                    throw new PermanentJobException("The tenant is suspended.");
                if (status == CampaignStore.Exhausted)
                    throw new PermanentJobException("The plan's messages of this month are used up.");
                if (status != CampaignStatus.Sending)
                    return new { status };
                if (!isTaken)
                    continue;
                var show = time.GetElapsedTime(shown) >= ShownEvery;
                if (show)
                    shown = time.GetTimestamp();
                var message = recipient.Message(campaign, optOuts.For(context.Tenant, campaign, recipient));
                var result = await TrySendAsync(outbox, message, cancellationToken);
                await store.RecordAsync(campaign.Id, message, result, options.Value.MaxAttempts, show, CancellationToken.None);
                WorkerTelemetry.CampaignMessage(result.IsSent ? "sent" : result.MayBeTriedAgain ? "deferred" : "refused");
                await context.ReportProgressAsync(Math.Min(++done, recipients), recipients, cancellationToken);
                Yield(start);
            }
            after = batch[^1].ContactId;
        }
        return await store.FinishAsync(campaign, cancellationToken)
            ? throw new SnoozeJobException(options.Value.RetryDelay)
            : new { status = CampaignStatus.Sent, recipients };
    }

    /// <returns>How many recipients there are; null when the campaign has been stopped.</returns>
    private async Task<int?> GatherAsync(RunningCampaign campaign, long start, CancellationToken cancellationToken)
    {
        if (campaign.IsGathered)
            return campaign.Recipients;
        var after = await store.LastGatheredAsync(campaign.Id, cancellationToken);
        while (true)
        {
            var (last, recipients) = await store.GatherAsync(campaign, after, options.Value.GatherBatch, cancellationToken);
            if (recipients is null || last is null)
                return recipients;
            after = last.Value;
            Yield(start);
        }
    }

    /// <summary>What is being sent as the job is stopped may still end well: it gets a moment, so that it isn't sent again.</summary>
    private static async Task<SendResult> TrySendAsync(Outbox outbox, CampaignMessage message, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource();
        await using var stop = cancellationToken.Register(() => late.CancelAfter(TimeSpan.FromSeconds(3)));
        try
        {
            return await outbox.SendAsync(message, late.Token);
        }
        catch (ChannelDownException e)
        {
            // One that worked until now is waited for; one that didn't costs an attempt.
            throw outbox.HasSent ? new SnoozeJobException(AfterFault) : new JobException(e.Message, e);
        }
    }

    private void Yield(long start)
    {
        if (time.GetElapsedTime(start) >= options.Value.Slice)
            throw new SnoozeJobException(TimeSpan.Zero);
    }
}
