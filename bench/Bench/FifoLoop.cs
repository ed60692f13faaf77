using System.Text.Json;
using System.Threading.Channels;
using Npgsql;
using Platform.Tenancy;

namespace Platform.Bench;

/// <summary>
/// Plain first in, first out on the queue's own tables: the oldest jobs whosever they are, in batches as large as the engine's, claimed on
/// one connection while another stores the ends of the last. No leases, pauses, lanes, caps, retries, time limits or telemetry.
/// </summary>
internal sealed class FifoLoop : IDrain
{
    private const int Batch = 512;

    // Index: pending_pkey, from its front.
    private const string Claim = """
        WITH picked AS MATERIALIZED (
            SELECT seq FROM jobs.pending WHERE queue = 'bench' AND wait = 0 AND worker IS NULL ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED
        ), claimed AS (
            UPDATE jobs.pending a SET worker = 1, attempt = a.attempt + 1, started_at = clock_timestamp()
            FROM picked WHERE a.seq = picked.seq RETURNING a.seq, a.id, a.tenant_id
        )
        SELECT c.seq, c.tenant_id, j.payload FROM claimed c JOIN jobs.job j ON j.id = c.id ORDER BY c.seq
        """;

    private const string Finish = """
        WITH gone AS (
            DELETE FROM jobs.pending WHERE seq = ANY ($1) AND worker = 1 RETURNING id, tenant_id, started_at, attempt
        )
        INSERT INTO jobs.finished (id, tenant_id, started_at, finished_at, attempt, worker, state)
        SELECT id, tenant_id, started_at, clock_timestamp(), attempt, 1, 'succeeded' FROM gone
        """;

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<List<long>> _done = Channel.CreateBounded<List<long>>(2);
    private readonly NpgsqlDataSource _source;
    private readonly Task _running;
    private long _recorded;

    private FifoLoop(JobsBenchDatabase database, Action<TenantId, long> onRun)
    {
        // As the engine's connections: statements prepared, planned once, for the indexes; claims don't wait for the disk.
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.QueueConnectionString)
        {
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            Options = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off",
        });
        _running = Task.WhenAll(Task.Run(() => ClaimAsync(onRun)), Task.Run(FinishAsync));
    }

    public static Task<IDrain> StartAsync(JobsBenchDatabase database, Action<TenantId, long> onRun) =>
        Task.FromResult<IDrain>(new FifoLoop(database, onRun));

    public async Task WaitAsync(long recorded)
    {
        while (Interlocked.Read(ref _recorded) < recorded && !_running.IsFaulted)
            await Task.Delay(1);
        if (_running.IsFaulted)
            await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _source.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ClaimAsync(Action<TenantId, long> onRun)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using (var set = new NpgsqlCommand("SET synchronous_commit = off", connection))
            await set.ExecuteNonQueryAsync();
        while (!_stop.IsCancellationRequested)
        {
            var claimed = new List<(long Seq, Guid Tenant, byte[] Payload)>(Batch);
            await using (var claim = new NpgsqlCommand(Claim, connection))
            {
                claim.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
                await using var reader = await claim.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                    claimed.Add((reader.GetInt64(0), reader.GetGuid(1), reader.GetFieldValue<byte[]>(2)));
            }

            if (claimed.Count == 0)
            {
                await Task.Delay(2);
                continue;
            }

            foreach (var (_, tenant, payload) in claimed)
                onRun(new TenantId(tenant), JsonSerializer.Deserialize<NoOp>(payload, JsonSerializerOptions.Web)!.Number);
            await _done.Writer.WriteAsync([.. claimed.Select(c => c.Seq)]);
        }

        _done.Writer.Complete();
    }

    private async Task FinishAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        await foreach (var ids in _done.Reader.ReadAllAsync())
        {
            await using var finish = new NpgsqlCommand(Finish, connection);
            finish.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. ids] });
            Interlocked.Add(ref _recorded, await finish.ExecuteNonQueryAsync());
        }
    }
}
