using System.Text.Json;
using Npgsql;
using Platform.Jobs.Engine;
using Platform.Jobs.Internal;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

/// <summary>While somebody's snapshot keeps the rows of ended jobs, claims don't walk over all of them.</summary>
[Trait("Req", "F1")]
public sealed class HeldSnapshotTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private const string Queue = "work";
    private readonly ManualClock _time = new();

    [Fact]
    public async Task Claim_from_the_horizon_reads_a_fraction_of_what_one_from_the_beginning_reads()
    {
        await using var holder = await database.Admin.OpenConnectionAsync();
        await using (var hold = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jobs.pending", holder))
            await hold.ExecuteNonQueryAsync();
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 20_000).Select(n => new Work(n))]);
        await database.ExecuteAsync("DELETE FROM jobs.pending");
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 10).Select(n => new Work(n))]);
        await database.ExecuteAsync("INSERT INTO jobs.workers (name, queues, expires_at) VALUES ('test', '{}', now() + interval '1 hour')");

        var first = await FirstAsync(0);

        Assert.Equal(await database.ScalarAsync<long>("SELECT min(seq) FROM jobs.pending"), first);
        var (walked, all) = await ClaimAsync(0);
        var (read, same) = await ClaimAsync(first);
        Assert.Equal((10, 10), (all, same));
        Assert.True(read * 4 < walked, $"{read} pages from the horizon, {walked} from the beginning.");
    }

    [Fact]
    public void Claims_look_from_the_beginning_while_they_are_quick()
    {
        var horizon = new ClaimHorizon(_time);

        Claim(horizon, milliseconds: 5);

        Assert.False(horizon.WantsMarks);
        Assert.Equal(0, Since(horizon));
    }

    [Fact]
    public void Slow_claims_begin_at_the_first_job_of_a_moment_ago_and_look_back_now_and_then()
    {
        var horizon = new ClaimHorizon(_time);
        Claim(horizon, milliseconds: 60);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(horizon.WantsMarks);
        horizon.Mark(Queue, 1000);

        // An enqueuer may still be on its way to its commit.
        Assert.Equal(0, Since(horizon));
        Assert.Equal(1000, horizon.Last(Queue));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(1000, Since(horizon));
        Assert.Equal(0, Since(horizon, "another queue"));

        // Twenty times what the last look took, at least a second.
        _time.Advance(TimeSpan.FromMilliseconds(600));
        Assert.Equal(1000, Since(horizon));
        _time.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(0, Since(horizon));
    }

    [Fact]
    public void Job_found_before_the_horizon_takes_it_back()
    {
        var horizon = Slowed(1000);

        horizon.Claimed(Queue, 999);

        Assert.Equal((0, 0), (Since(horizon), horizon.Last(Queue)));
    }

    [Fact]
    public void Quick_look_from_the_beginning_ends_it()
    {
        var horizon = Slowed(1000);
        _time.Advance(TimeSpan.FromSeconds(2));

        Claim(horizon, milliseconds: 1);

        Assert.False(horizon.WantsMarks);
        Assert.Equal(0, Since(horizon));
    }

    [Fact]
    public void Look_that_was_ended_for_taking_too_long_is_not_repeated_at_once()
    {
        var horizon = Slowed(1000);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, Since(horizon));

        horizon.Failed(TimeSpan.FromSeconds(10));

        Assert.Equal((1000, 1000L), (Since(horizon), horizon.Last(Queue)));
        _time.Advance(TimeSpan.FromSeconds(199));
        Assert.Equal(1000, Since(horizon));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, Since(horizon));
    }

    [Fact]
    public void Worker_whose_first_look_was_ended_begins_near_the_queues_end()
    {
        var horizon = new ClaimHorizon(_time);
        horizon.Begin();
        horizon.Failed(TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(horizon.WantsMarks);
        Assert.Null(horizon.Last(Queue));

        horizon.Mark(Queue, 500);
        _time.Advance(TimeSpan.FromMilliseconds(300));

        Assert.Equal((500, 500L), (Since(horizon), horizon.Last(Queue)));
    }

    [Fact]
    public void Claim_that_fails_at_once_has_not_walked_too_far()
    {
        var horizon = new ClaimHorizon(_time);
        horizon.Begin();

        horizon.Failed(TimeSpan.FromMilliseconds(1));

        Assert.False(horizon.IsSlow);
        Assert.Equal(0, horizon.Last(Queue));
    }

    [Fact]
    public async Task Search_for_the_first_job_near_the_end_leaves_out_what_is_far_behind()
    {
        await database.EnqueueManyAsync(Acme, [new Work(0)]);
        var last = await database.ScalarAsync<long>("SELECT setval('jobs.pending_seq', nextval('jobs.pending_seq') + 1000000)");

        Assert.Equal(last - 200_000, await FirstAsync(null));
        await database.EnqueueManyAsync(Acme, [new Work(1)]);
        Assert.Equal(last + 1, await FirstAsync(null));
        Assert.InRange(await FirstAsync(0), 1, last - 1_000_000);
    }

    private ClaimHorizon Slowed(long mark)
    {
        var horizon = new ClaimHorizon(_time);
        Claim(horizon, milliseconds: 60);
        horizon.Mark(Queue, mark);
        _time.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(mark, Since(horizon));
        return horizon;
    }

    private static void Claim(ClaimHorizon horizon, int milliseconds)
    {
        horizon.Begin();
        horizon.Took(TimeSpan.FromMilliseconds(milliseconds), 10);
    }

    private static long Since(ClaimHorizon horizon, string queue = Queue)
    {
        horizon.Begin();
        return horizon.Since(queue);
    }

    private async Task<long> FirstAsync(long? since)
    {
        await using var source = NpgsqlDataSource.Create(database.QueueConnectionString);
#pragma warning disable CA2100 // The library's own statement.
        await using var command = source.CreateCommand(JobSql.ClaimHorizon);
#pragma warning restore CA2100
        command.Parameters.AddWithValue(new[] { Queue });
        command.Parameters.Add(new NpgsqlParameter<long?[]> { TypedValue = [since] });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Claims and takes it back; gives the pages that were read and the jobs claimed.</summary>
    private async Task<(long Pages, long Jobs)> ClaimAsync(long since)
    {
        await using var connection = new NpgsqlConnection(database.QueueConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var worker = await database.ScalarAsync<int>("SELECT max(id) FROM jobs.workers");
#pragma warning disable CA2100 // The library's own statement.
        await using (var prepare = new NpgsqlCommand("SET LOCAL plan_cache_mode = force_generic_plan; PREPARE claim AS " + JobSql.Claim, connection))
#pragma warning restore CA2100
            await prepare.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(
            $"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE claim ({worker}, '{{{Queue}}}', '{{100}}', '{{{Guid.Empty}}}', '{{0}}', '{{{Guid.Empty}}}', '{{0}}', '{{{since}}}')",
            connection);
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!);
        var top = plan.RootElement[0].GetProperty("Plan");
        return (top.GetProperty("Shared Hit Blocks").GetInt64() + top.GetProperty("Shared Read Blocks").GetInt64(),
            (long)top.GetProperty("Actual Rows").GetDouble());
    }
}
