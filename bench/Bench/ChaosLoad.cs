using Npgsql;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>
/// Enqueues steps for as long as it is let, and keeps some waiting: lanes in turns, and batches of steps without a lane,
/// some of them delayed. What it sent it writes down in the transaction that enqueues: a job is there exactly when it is written down.
/// </summary>
internal sealed class ChaosLoad(JobsBenchDatabase database, int lanes)
{
    /// <summary>Lanes from here to -1 are those of steps without a lane; they have accounts too.</summary>
    public const int LowestLane = -50;

    private const int Feeders = 4, Tenants = 10, Steps = 10, Members = 5, Waiting = 2000;
    private long _waiting;

    public static Task PrepareAsync(JobsBenchDatabase database, int lanes) => database.ExecuteAsync($"""
        CREATE TABLE sent (lane int, number int, job_id uuid NOT NULL, due_at timestamptz NOT NULL, PRIMARY KEY (lane, number));
        CREATE TABLE steps (done bigserial, lane int, number int, at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (lane, number));
        CREATE TABLE accounts (lane int PRIMARY KEY, balance int NOT NULL DEFAULT 0) WITH (fillfactor = 50);
        INSERT INTO accounts (lane) SELECT generate_series({LowestLane}, {lanes});
        GRANT SELECT, INSERT ON sent TO platform_app
        """);

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        Enumerable.Range(0, Feeders).Select(f => FeedAsync(f, stop)).Append(MeasureAsync(stop)));

    private async Task FeedAsync(int feeder, CancellationToken stop)
    {
        var next = new int[lanes];
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            var lane = ((round * Feeders) + feeder) % lanes;
            var batch = (round * Feeders) + feeder;
            try
            {
                while (Volatile.Read(ref _waiting) > Waiting && !stop.IsCancellationRequested)
                    await Task.Delay(20, CancellationToken.None);
                if (next[lane] < 0)
                    next[lane] = await SentAsync(lane);
                await LaneAsync(lane, next[lane]);
                next[lane] += Steps;
                if (round % 2 == 0)
                    await BatchAsync(batch);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                // Whether it was committed nobody said; it is asked when the lane's turn comes again.
                next[lane] = -1;
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private Task LaneAsync(int lane, int first)
    {
        var tenant = JobsBenchDatabase.Tenant(1 + (lane % Tenants));
        var options = new JobOptions { Lane = $"lane {lane}" };
        return database.InTransactionAsync(tenant, async transaction =>
        {
            var ids = new List<Guid>(Steps);
            for (var number = first; number < first + Steps; number++)
                ids.Add(await database.Queue.EnqueueAsync(transaction, tenant, new Step(lane, number), options));
            await WriteDownAsync(transaction, [.. ids.Select((id, i) => (id, new Step(lane, first + i)))], TimeSpan.Zero);
        });
    }

    private Task BatchAsync(int number)
    {
        var tenant = JobsBenchDatabase.Tenant(1 + (number % Tenants));
        var lane = -1 - (number % -LowestLane);
        var first = number / -LowestLane * (Members + 1);
        Step[] members = [.. Enumerable.Range(first, Members).Select(n => new Step(lane, n))];
        var completion = new Step(lane, first + Members);
        var delay = number % 5 == 0 ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
        var options = new JobOptions { Queue = ChaosWorker.CappedQueue, Delay = delay };
        return database.InTransactionAsync(tenant, async transaction =>
        {
            var batch = await database.Queue.EnqueueBatchAsync(transaction, tenant, members, completion, options);
            await WriteDownAsync(transaction, [.. batch.Members.Zip(members), (batch.CompletionId, completion)], delay);
        });
    }

    private static async Task WriteDownAsync(NpgsqlTransaction transaction, (Guid Id, Step Step)[] jobs, TimeSpan delay)
    {
        // The transaction's start and so no later than the job's own: who starts before this has started too early.
        await using var command = new NpgsqlCommand(
            "INSERT INTO sent (job_id, lane, number, due_at) SELECT u.*, now() + $4 FROM unnest($1, $2, $3) u",
            transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(jobs, j => j.Id) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(jobs, j => j.Step.Lane) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(jobs, j => j.Step.Number) });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = delay });
        await command.ExecuteNonQueryAsync();
    }

    private async Task<int> SentAsync(int lane)
    {
        await using var command = database.Admin.CreateCommand("SELECT coalesce(max(number) + 1, 0) FROM sent WHERE lane = $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = lane });
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private async Task MeasureAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Volatile.Write(ref _waiting, await database.CountAsync("SELECT count(*) FROM jobs.pending"));
            }
            catch (NpgsqlException)
            {
                // The database is restarting.
            }

            await Task.Delay(100, CancellationToken.None);
        }
    }
}
