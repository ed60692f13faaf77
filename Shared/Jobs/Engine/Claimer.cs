using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Internal;
using Platform.Tenancy;

namespace Platform.Jobs.Engine;

/// <summary>
/// Claims jobs for every queue in one round trip, then waits for a hint, a place that gets free, a due time, or the next poll.
/// After a hint it looks again at growing intervals, for hints are left out when many jobs are enqueued at once.
/// </summary>
internal sealed class Claimer(
    JobDatabase database,
    WorkerLease lease,
    QueueRunners queues,
    AsyncSignal wake,
    ClaimRules rules,
    Maintenance maintenance,
    TimeProvider time,
    IOptions<JobWorkerOptions> options,
    ILogger<Claimer> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(2);

    /// <summary>Jobs may be this late whose delay nobody here knew of; asking with each claim would cost a fifth of it.</summary>
    private static readonly TimeSpan PromoteInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>A claim that fills less than this part of the places has emptied its queue, or nearly so: shares are uneven.</summary>
    private const int FairPart = 4;

    private readonly ClaimHorizon _horizon = new(time);
    private long? _promotedAt;
    private TimeSpan? _nextDue, _nextPermit;
    private DateTime _lastStart = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);
    private DateTime _newestStart;
    private int? _unread;
    private bool _begun;

    public async Task RunAsync(CancellationToken stopping)
    {
        var pause = FirstPause;
        while (!stopping.IsCancellationRequested)
        {
            var wait = pause;
            try
            {
                var wanted = queues.Wanted();
                if (wanted.Count > 0)
                {
                    var (found, more) = await ClaimAsync(wanted, stopping);
                    if (more)
                        continue;

                    // What a claim that chose left comes with the next place that gets free, or after the pause.
                    if (found)
                        pause = FirstPause;
                    wait = Soonest(pause);
                }
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                logger.DatabaseAway(e.Message);
                wait = pause = options.Value.PollInterval;
            }

            var woken = await wake.WaitAsync(wait, stopping);
            pause = woken ? FirstPause : pause * 3 < options.Value.PollInterval ? pause * 3 : options.Value.PollInterval;
        }
    }

    /// <summary>How long to wait at most: until then, or until a job is due or a limit permits one.</summary>
    private TimeSpan Soonest(TimeSpan pause)
    {
        if (_nextPermit is { } permit && permit < pause)
            pause = permit;
        if (_nextDue - time.GetElapsedTime(_promotedAt ?? 0) is { } due && due < pause)
            pause = due > TimeSpan.Zero ? due : TimeSpan.Zero;
        return pause;
    }

    private bool WantsPromotion =>
        _promotedAt is not { } at || time.GetElapsedTime(at) is var elapsed && (elapsed >= PromoteInterval || elapsed >= _nextDue);

    /// <returns>Whether any were found, and whether there were too many to take without choosing: then the next claim chooses.</returns>
    private async Task<(bool Found, bool More)> ClaimAsync(IReadOnlyList<(QueueRunner Queue, int Places)> wanted, CancellationToken stopping)
    {
        var worker = await lease.HoldAsync(stopping);
        if (_unread is { } unread)
        {
            await PutBackUnreadAsync(unread, stopping);
            _unread = null;
        }

        // What somebody wanted cancelled while no worker was there would run before a round of maintenance gets to it.
        if (!_begun)
        {
            await maintenance.CancelWaitingAsync(stopping);
            _begun = true;
        }

        var free = wanted.Where(w => !w.Queue.ClaimsAlone).ToArray();
        var alone = wanted.Where(w => w.Queue.ClaimsAlone).ToArray();

        await using var connection = await database.Claims.OpenConnectionAsync(stopping);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(ClaimCommands.LockWorker(worker));
        var promote = WantsPromotion;
        if (promote)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(JobSql.PromoteDue));
        var look = rules.Look();
        if (look is not null)
            batch.BatchCommands.Add(look);
        var mark = _horizon.WantsMarks;
        if (mark)
            batch.BatchCommands.Add(ClaimCommands.Horizon(wanted, _horizon));
        _horizon.Begin();
        var few = !mark && !_horizon.IsSlow && !wanted.Any(w => w.Queue.MayHaveMore);
        if (few)
            batch.BatchCommands.Add(ClaimCommands.Few(worker, free, alone));
        else
            ClaimCommands.AddChoices(batch, worker, free, alone, rules, _horizon);

        // Not cancelled half-way, for a claim that is committed must also be run; and run only when it is committed, which
        // it is when the reader is closed: the end of a quick job would not find its row as claimed otherwise.
        var claimed = new List<ClaimedJob>();
        var (newRules, more) = (false, false);
        _unread = worker;
        _newestStart = _lastStart;
        var sent = time.GetTimestamp();
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
            if (promote)
            {
                await reader.NextResultAsync(CancellationToken.None);
                await reader.ReadAsync(CancellationToken.None);
                (_promotedAt, _nextDue) = (sent, Seconds(reader, 1));
            }

            if (look is not null)
            {
                await reader.NextResultAsync(CancellationToken.None);
                await reader.ReadAsync(CancellationToken.None);
                newRules = rules.Read(reader);
            }

            if (mark)
            {
                await reader.NextResultAsync(CancellationToken.None);
                foreach (var (queue, _) in wanted)
                {
                    await reader.ReadAsync(CancellationToken.None);
                    _horizon.Mark(queue.Queue, reader.IsDBNull(0) ? null : reader.GetInt64(0));
                }
            }

            _nextPermit = null;
            if (few)
                more = await ReadFewAsync(reader, worker, claimed);
            else
                await ReadChoicesAsync(reader, worker, free.Length > 0, alone.Length > 0, claimed);
        }
        catch
        {
            _horizon.Failed(time.GetElapsedTime(sent));
            throw;
        }

        // Not before: what was read of a claim whose end never came isn't run, and is put back with the rest of it.
        _unread = null;
        _lastStart = _newestStart;
        _horizon.Took(time.GetElapsedTime(sent), claimed.Count);
        if (newRules)
            queues.Limit(rules.Limited);
        foreach (var (queue, places) in wanted)
        {
            queue.MayHaveMore = more || claimed.Count(job => job.Queue == queue.Queue) * FairPart >= places;
            queue.Turns.Begin();
        }

        foreach (var job in claimed)
        {
            var queue = queues[job.Queue];
            queue.Turns.Took(job);
            _horizon.Claimed(job.Queue, job.Seq);
            queue.Add(job);
        }

        return (claimed.Count > 0 || newRules, more);
    }

    /// <returns>Whether there are more than were claimed.</returns>
    private async Task<bool> ReadFewAsync(NpgsqlDataReader reader, int worker, List<ClaimedJob> claimed)
    {
        var more = false;
        await reader.NextResultAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            more = ClaimCommands.ReadMore(reader);
            if (!reader.IsDBNull(0))
                claimed.Add(Read(reader, worker));
        }

        return more;
    }

    private async Task ReadChoicesAsync(NpgsqlDataReader reader, int worker, bool free, bool alone, List<ClaimedJob> claimed)
    {
        if (free)
        {
            await reader.NextResultAsync(CancellationToken.None);
            while (await reader.ReadAsync(CancellationToken.None))
                claimed.Add(Read(reader, worker));
        }

        if (!alone)
            return;
        await reader.NextResultAsync(CancellationToken.None);
        await reader.NextResultAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
            claimed.Add(Read(reader, worker));
        if (!await reader.NextResultAsync(CancellationToken.None))
            return;
        await reader.ReadAsync(CancellationToken.None);
        _nextPermit = Seconds(reader, 0);
    }

    private static TimeSpan? Seconds(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : TimeSpan.FromSeconds(Math.Max(0.001, reader.GetDouble(column)));

    private ClaimedJob Read(NpgsqlDataReader reader, int worker)
    {
        var job = ClaimCommands.Read(reader, worker, queues, out var startedAt);
        if (startedAt > _newestStart)
            _newestStart = startedAt;
        return job;
    }

    /// <summary>
    /// A claim that failed on its way back may have been committed all the same: its jobs would stay ours without our knowing,
    /// as long as we live. Claims come one after the other, so what they took started later than all that was seen.
    /// </summary>
    private async Task PutBackUnreadAsync(int worker, CancellationToken stopping)
    {
        await using var connection = await database.Writes.OpenConnectionAsync(stopping);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(ClaimCommands.LockWorker(worker));
        var command = new NpgsqlBatchCommand(JobSql.PutBackUnread);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = _lastStart });
        batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(stopping);
    }
}
