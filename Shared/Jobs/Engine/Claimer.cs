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
                    // What this claim left comes with the next place that gets free, or after the pause.
                    if (await ClaimAsync(wanted, stopping))
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

    /// <returns>True when there may be more.</returns>
    private async Task<bool> ClaimAsync(IReadOnlyList<(QueueRunner Queue, int Places)> wanted, CancellationToken stopping)
    {
        var worker = await lease.HoldAsync(stopping);
        if (_unread is { } unread)
        {
            await PutBackUnreadAsync(unread, stopping);
            _unread = null;
        }

        var free = wanted.Where(w => !w.Queue.ClaimsAlone).ToArray();
        var alone = wanted.Where(w => w.Queue.ClaimsAlone).ToArray();
        var limited = Array.FindAll(alone, w => w.Queue.Limited);

        await using var connection = await database.Claims.OpenConnectionAsync(stopping);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(LockWorker(worker));
        var promote = WantsPromotion;
        if (promote)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(JobSql.PromoteDue));
        var look = rules.Look();
        if (look is not null)
            batch.BatchCommands.Add(look);
        var mark = _horizon.WantsMarks;
        if (mark)
            batch.BatchCommands.Add(Horizon(wanted));
        _horizon.Begin();
        if (free.Length > 0)
            batch.BatchCommands.Add(Claim(worker, free, limited: false));
        if (alone.Length > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(JobSql.LockClaims));
            batch.BatchCommands.Add(Claim(worker, alone, limited.Length > 0));
        }

        if (limited.Length > 0)
            batch.BatchCommands.Add(NextPermit(limited));

        // Not cancelled half-way, for a claim that is committed must also be run; and run only when it is committed, which
        // it is when the reader is closed: the end of a quick job would not find its row as claimed otherwise.
        var claimed = new List<ClaimedJob>();
        var newRules = false;
        _unread = worker;
        _newestStart = _lastStart;
        var sent = time.GetTimestamp();
        await using (var reader = await batch.ExecuteReaderAsync(CancellationToken.None))
        {
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

            if (free.Length > 0)
            {
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    claimed.Add(Read(reader, worker));
            }

            if (alone.Length > 0)
            {
                await reader.NextResultAsync(CancellationToken.None);
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    claimed.Add(Read(reader, worker));
            }

            if (limited.Length > 0)
            {
                await reader.NextResultAsync(CancellationToken.None);
                await reader.ReadAsync(CancellationToken.None);
                _nextPermit = Seconds(reader, 0);
            }
            else
            {
                _nextPermit = null;
            }
        }

        // Not before: what was read of a claim whose end never came isn't run, and is put back with the rest of it.
        _unread = null;
        _lastStart = _newestStart;
        _horizon.Took(time.GetElapsedTime(sent), claimed.Count);
        if (newRules)
            queues.Limit(rules.Limited);
        foreach (var (queue, places) in wanted)
        {
            queue.MayHaveMore = claimed.Count(job => job.Queue == queue.Queue) * FairPart >= places;
            queue.Turns.Begin();
        }

        foreach (var job in claimed)
        {
            var queue = queues[job.Queue];
            queue.Turns.Took(job);
            _horizon.Claimed(job.Queue, job.Seq);
            queue.Add(job);
        }

        return claimed.Count > 0 || newRules;
    }

    private static TimeSpan? Seconds(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : TimeSpan.FromSeconds(Math.Max(0.001, reader.GetDouble(column)));

    private static NpgsqlBatchCommand NextPermit((QueueRunner Queue, int Places)[] limited)
    {
        var command = new NpgsqlBatchCommand(JobSql.NextPermit);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(limited, w => w.Queue.Queue) });
        return command;
    }

    private NpgsqlBatchCommand Claim(int worker, (QueueRunner Queue, int Places)[] wanted, bool limited)
    {
        var command = new NpgsqlBatchCommand(limited ? JobSql.ClaimLimited : rules.Weighed ? JobSql.ClaimWeighed : JobSql.Claim);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.Queue) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(wanted, w => w.Places) });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.Turns.After) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.TenantConcurrency) });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.Turns.Tenant) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.Turns.Rest) });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(wanted, w => _horizon.Since(w.Queue.Queue)) });
        return command;
    }

    private NpgsqlBatchCommand Horizon(IReadOnlyList<(QueueRunner Queue, int Places)> wanted)
    {
        var command = new NpgsqlBatchCommand(JobSql.ClaimHorizon);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. wanted.Select(w => w.Queue.Queue)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. wanted.Select(w => _horizon.Last(w.Queue.Queue))] });
        return command;
    }

    private ClaimedJob Read(NpgsqlDataReader reader, int worker)
    {
        var startedAt = reader.GetDateTime(7);
        if (startedAt > _newestStart)
            _newestStart = startedAt;
        var queue = reader.GetString(3);
        return new(
            reader.GetInt64(0),
            reader.GetGuid(1),
            new TenantId(reader.GetGuid(2)),
            queue,
            reader.GetInt16(4),
            reader.IsDBNull(5) ? null : reader.GetString(5),
            reader.GetDouble(6),
            reader.GetString(8),
            reader.GetInt16(9),
            reader.GetInt32(10),
            reader.GetBoolean(11),
            reader.IsDBNull(12) ? null : reader.GetString(12),
            reader.GetFieldValue<byte[]>(13),
            queues[queue].TenantConcurrency > 0,
            worker,
            reader.IsDBNull(14) ? null : reader.GetGuid(14),
            reader.IsDBNull(15) ? null : reader.GetInt32(15));
    }

    /// <summary>
    /// A claim that failed on its way back may have been committed all the same: its jobs would stay ours without our knowing,
    /// as long as we live. Claims come one after the other, so what they took started later than all that was seen.
    /// </summary>
    private async Task PutBackUnreadAsync(int worker, CancellationToken stopping)
    {
        await using var connection = await database.Writes.OpenConnectionAsync(stopping);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(LockWorker(worker));
        var command = new NpgsqlBatchCommand(JobSql.PutBackUnread);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = _lastStart });
        batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(stopping);
    }

    private static NpgsqlBatchCommand LockWorker(int worker)
    {
        var command = new NpgsqlBatchCommand(JobSql.LockWorker);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = worker });
        return command;
    }
}
