using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>
/// This process's lease on the jobs it has claimed. Its number is the fencing token: when the lease is lost, a new number
/// is taken, and whatever still carries the old one changes nothing any more.
/// </summary>
internal sealed class WorkerLease(
    JobDatabase database, RunningJobs running, TimeProvider time, IOptions<JobWorkerOptions> options, ILogger<WorkerLease> logger)
    : IDisposable
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    private readonly AsyncSignal _check = new();
    private volatile object? _id;
    private long _renewedAt;

    /// <summary>The lease's number, taken when there is none.</summary>
    public async ValueTask<int> HoldAsync(CancellationToken cancellationToken)
    {
        if (_id is int held)
            return held;
        var name = $"{Environment.MachineName}:{Environment.ProcessId}";
        string[] queues = [.. options.Value.Queues.Keys];
        await using var command = database.Leases.CreateCommand(JobSql.Register);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = queues });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Lease });
        var sentAt = time.GetTimestamp();
        var id = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        Volatile.Write(ref _renewedAt, sentAt);
        // Of two that asked at once both go by the first one's; the other's lease runs out.
        if (Interlocked.CompareExchange(ref _id, id, null) is int first)
            return first;
        logger.Registered(id, name, string.Join(", ", queues));
        return id;
    }

    /// <summary>
    /// Whether the jobs claimed under that number are still this process's. One that was held up for long (a pause of the process, a
    /// full buffer) finds out here, before it starts what another worker may be running by now.
    /// </summary>
    public bool Holds(int id) => _id is int held && held == id && Left > TimeSpan.Zero;

    /// <summary>Looks at wishes to cancel now rather than with the next heartbeat.</summary>
    public void CheckCancellations() => _check.Set();

    /// <summary>Renews the lease until stopped. A lease that can't be renewed in time counts as lost here before it does elsewhere.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var wait = _id is null || Left > options.Value.Heartbeat ? options.Value.Heartbeat : Left;
            await _check.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, stopping);
            if (_id is not int id)
                continue;
            // A renewal that hangs ends with the lease: others take the jobs over then, whether or not an answer ever comes.
            using var inTime = new CancellationTokenSource(Left > Least ? Left : Least, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, inTime.Token);
            try
            {
                await RenewAsync(id, either.Token).WaitAsync(either.Token);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                logger.DatabaseAway(e.Message);
            }

            if (Left <= TimeSpan.Zero)
                Lose(id);
        }
    }

    /// <summary>Ends the lease when nothing is held under it any more.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_id is not int id)
            return;
        await using var command = database.Leases.CreateCommand(JobSql.Unregister);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = id });
        await command.ExecuteNonQueryAsync(cancellationToken);
        _id = null;
    }

    public void Dispose() => _check.Dispose();

    private TimeSpan Left => options.Value.Lease - time.GetElapsedTime(Volatile.Read(ref _renewedAt));

    private async Task RenewAsync(int id, CancellationToken cancellationToken)
    {
        var sentAt = time.GetTimestamp();
        await using var connection = await database.Leases.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var renew = new NpgsqlBatchCommand(JobSql.Heartbeat);
        renew.Parameters.Add(new NpgsqlParameter<int> { TypedValue = id });
        renew.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Lease });
        batch.BatchCommands.Add(renew);
        var wishes = new NpgsqlBatchCommand(JobSql.Cancellations);
        wishes.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = running.Ids });
        batch.BatchCommands.Add(wishes);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            Lose(id);
            return;
        }

        Volatile.Write(ref _renewedAt, sentAt);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            running.Stop(reader.GetGuid(0), StopReason.Cancelled);
    }

    private void Lose(int id)
    {
        if (_id is not int current || current != id)
            return;
        _id = null;
        logger.LeaseLost(id);
        foreach (var run in running.All.Where(r => r.Job.Worker == id))
            run.Stop(StopReason.LeaseLost);
    }
}
