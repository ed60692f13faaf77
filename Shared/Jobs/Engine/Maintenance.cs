using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Internal;
using Platform.Tenancy;

namespace Platform.Jobs.Engine;

/// <summary>
/// Takes jobs over from lost workers, ends cancelled ones and lets stuck lanes go: every worker does it, for each step is safe beside
/// the others and none should wait for a leader.
/// </summary>
internal sealed class Maintenance(
    JobDatabase database,
    LanePromoter lanes,
    JobEventPublisher events,
    JobMetrics metrics,
    AsyncSignal wake,
    IOptions<JobWorkerOptions> options,
    ILogger<Maintenance> logger) : IDisposable
{
    /// <summary>Two million jobs; whoever wants more cancelled than that waits for the next round.</summary>
    private const int MaxSlices = 100;

    private readonly AsyncSignal _hurry = new();

    /// <summary>Does the next round at once: somebody wants a job cancelled.</summary>
    public void Hurry() => _hurry.Set();

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await _hurry.WaitAsync(options.Value.MaintenanceInterval, stopping);
            try
            {
                await RescueAsync(stopping);
                await CancelWaitingAsync(stopping);
                await lanes.PromoteOnceAsync(await StuckLanesAsync(stopping), stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                logger.PartFailed(e, "Maintenance of the queue");
            }
        }
    }

    public void Dispose() => _hurry.Dispose();

    /// <summary>
    /// In one transaction: the jobs of lost workers become free, and the workers are forgotten. Not one that still has a claim under way,
    /// whose jobs would then be nobody's.
    /// </summary>
    internal async Task<int> RescueAsync(CancellationToken cancellationToken)
    {
        var lost = await IdsAsync(database.Writes.CreateCommand(JobSql.LostWorkers), cancellationToken);
        if (lost.Length == 0)
            return 0;
        var freedLanes = new List<(TenantId, string)>();
        var changes = new List<JobEvent>();
        await using (var connection = await database.Writes.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            var still = await IdsAsync(Command(JobSql.LockLostWorkers, lost), cancellationToken);
            await using (var command = Command(JobSql.Rescue, lost))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    var dead = reader.GetBoolean(6);
                    changes.Add(Read(reader, dead ? JobStates.Dead : JobStates.Retrying));
                    if (dead && !reader.IsDBNull(5))
                        freedLanes.Add((new TenantId(reader.GetGuid(1)), reader.GetString(5)));
                }
            }

            await using (var forget = Command(JobSql.ForgetWorkers, still))
                await forget.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);

            NpgsqlCommand Command(string sql, int[] workers)
            {
                var command = new NpgsqlCommand(sql, connection, transaction);
                command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = workers });
                return command;
            }
        }

        Tell(changes);
        lanes.TryAgain(freedLanes);
        if (changes.Count > 0)
        {
            logger.Rescued(changes.Count);
            wake.Set();
        }

        return changes.Count;
    }

    /// <summary>Ends every waiting job somebody wants cancelled; the statement takes some thousands of them at a time.</summary>
    internal async Task CancelWaitingAsync(CancellationToken cancellationToken)
    {
        for (var slice = 0; slice < MaxSlices; slice++)
        {
            if (await CancelSliceAsync(cancellationToken) == 0)
                return;
        }
    }

    private async Task<int> CancelSliceAsync(CancellationToken cancellationToken)
    {
        var freedLanes = new List<(TenantId, string)>();
        var changes = new List<JobEvent>();
        await using (var command = database.Writes.CreateCommand(JobSql.CancelWaiting))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                changes.Add(Read(reader, JobStates.Cancelled));
                if (!reader.IsDBNull(5))
                    freedLanes.Add((new TenantId(reader.GetGuid(1)), reader.GetString(5)));
            }
        }

        Tell(changes);
        lanes.TryAgain(freedLanes);
        return changes.Count;
    }

    private async Task<IReadOnlyList<(TenantId, string)>> StuckLanesAsync(CancellationToken cancellationToken)
    {
        var stuck = new List<(TenantId, string)>();
        await using var command = database.Writes.CreateCommand(JobSql.StuckLanes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            stuck.Add((new TenantId(reader.GetGuid(0)), reader.GetString(1)));
        return stuck;
    }

    private static async Task<int[]> IdsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command)
        {
            var ids = new List<int>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                ids.Add(reader.GetInt32(0));
            return [.. ids];
        }
    }

    /// <summary>Only after the commit.</summary>
    private void Tell(List<JobEvent> changes)
    {
        foreach (var change in changes)
        {
            metrics.Recorded(change.Queue, change.State);
            events.Publish(change);
        }
    }

    private static JobEvent Read(NpgsqlDataReader reader, string state) => new(
        new TenantId(reader.GetGuid(1)), reader.GetGuid(0), reader.GetString(3), reader.GetString(2), state, new JobProgress(0, 0, 0), null);
}
