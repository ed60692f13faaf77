using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs.Engine;

/// <summary>
/// Stores how runs ended, in batches: while one batch is on its way to the disk the next one gathers. Then, and only
/// then, tells of it.
/// </summary>
internal sealed class OutcomeWriter(
    JobDatabase database, JobEventPublisher events, JobMetrics metrics, LanePromoter lanes, AsyncSignal wake, ILogger<OutcomeWriter> logger)
{
    private const int MaxBatch = 1000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(5);
    private readonly Channel<JobOutcome> _channel = Channel.CreateUnbounded<JobOutcome>(new() { SingleReader = true });

    public void Add(JobOutcome outcome) => _channel.Writer.TryWrite(outcome);

    /// <summary>No more outcomes come: <see cref="RunAsync"/> ends when it has stored the last one.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <param name="giveUp">Stops trying to store what can't be stored; leases will run out and others take over.</param>
    public async Task RunAsync(CancellationToken giveUp)
    {
        var batch = new List<JobOutcome>(MaxBatch);
        while (await _channel.Reader.WaitToReadAsync(giveUp))
        {
            while (batch.Count < MaxBatch && _channel.Reader.TryRead(out var outcome))
                batch.Add(outcome);
            foreach (var group in batch.GroupBy(o => o.Job.Worker))
                await StoreAsync(group.Key, [.. group], giveUp);
            batch.Clear();
        }
    }

    private async Task StoreAsync(int worker, List<JobOutcome> outcomes, CancellationToken giveUp)
    {
        var unanswered = false;
        for (var pause = FirstPause; ; pause = pause * 2 < LastPause ? pause * 2 : LastPause)
        {
            try
            {
                Tell(outcomes, await WriteAsync(worker, outcomes, unanswered, giveUp));
                return;
            }
            catch (PostgresException e) when (!e.IsTransient && !e.SqlState.StartsWith("57", StringComparison.Ordinal))
            {
                // One row is at fault. Alone, it is stored as dead; together, find out which.
                if (outcomes.Count > 1)
                {
                    foreach (var outcome in outcomes)
                        await StoreAsync(worker, [outcome], giveUp);
                    return;
                }

                logger.Unstorable(e, outcomes[0].Job.Id, outcomes[0].Job.Type);
                const string Error = "The end of the job could not be stored.";
                if (outcomes[0].Error == Error)
                    return;
                outcomes[0] = new JobOutcome(outcomes[0].Job, JobStates.Dead, Error);
            }
            catch (Exception e) when (!giveUp.IsCancellationRequested)
            {
                // Whatever it was: who stops storing here lets every job of this process run again elsewhere.
                unanswered = true;
                logger.DatabaseAway(e.Message);
                await Task.Delay(pause, giveUp);
            }
        }
    }

    /// <param name="unanswered">Whether an earlier try may have been stored without our knowing: then its rows are found by their ends.</param>
    private async Task<HashSet<long>> WriteAsync(int worker, List<JobOutcome> outcomes, bool unanswered, CancellationToken cancellationToken)
    {
        var finished = outcomes.Where(o => o.State is not null).ToArray();
        var back = outcomes.Where(o => o.State is null).ToArray();
        var freedLanes = finished.Where(o => o.Job.Lane is not null).Select(o => (o.Job.Tenant, o.Job.Lane!)).Distinct().ToArray();

        await using var connection = await database.Writes.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        if (Array.Exists(finished, o => o.Job.Batch is null))
            batch.BatchCommands.Add(OutcomeCommands.Finish(worker, Array.FindAll(finished, o => o.Job.Batch is null)));
        if (Array.Exists(finished, o => o.Job.Batch is not null))
            batch.BatchCommands.Add(OutcomeCommands.FinishMembers(worker, Array.FindAll(finished, o => o.Job.Batch is not null)));
        if (back.Length > 0)
            batch.BatchCommands.Add(OutcomeCommands.PutBack(worker, back));
        if (unanswered)
            batch.BatchCommands.Add(OutcomeCommands.Ended(worker, [.. outcomes]));
        var endings = batch.BatchCommands.Count;
        if (freedLanes.Length > 0)
            LanePromoter.AddCommands(batch, freedLanes);

        // Committed when the reader is closed; nobody is told before.
        var stored = new HashSet<long>(outcomes.Count);
        IReadOnlyList<(TenantId, string)> again = [];
        var promoted = false;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            for (var i = endings; i > 0; i--)
            {
                while (await reader.ReadAsync(cancellationToken))
                    stored.Add(reader.GetInt64(0));
                await reader.NextResultAsync(cancellationToken);
            }

            if (freedLanes.Length > 0)
                (promoted, again) = await LanePromoter.ReadAsync(reader, cancellationToken);
        }

        lanes.TryAgain(again);
        if (promoted || back.Length > 0)
            wake.Set();
        return stored;
    }

    private void Tell(List<JobOutcome> outcomes, HashSet<long> stored)
    {
        foreach (var outcome in outcomes)
        {
            var job = outcome.Job;
            if (!stored.Contains(job.Seq))
            {
                metrics.Recorded(job, "fenced");
                logger.Fenced(job.Id, job.Type, outcome.Name);
                continue;
            }

            metrics.Recorded(job, outcome.Name);
            if (events.Enabled && outcome.Told is { } state)
            {
                var progress = outcome.Progress ?? new JobProgress(0, 0, 0);
                if (outcome.State == JobStates.Succeeded)
                    progress = progress with { Percent = 100 };
                events.Publish(new JobEvent(job.Tenant, job.Id, job.Type, job.Queue, state, progress, outcome.TraceParent));
            }
        }
    }
}
