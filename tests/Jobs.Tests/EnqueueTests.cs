using Npgsql;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

public sealed class EnqueueTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private static readonly WorkHost.Handler DoNothing = (_, _, _) => Task.FromResult<object?>(null);

    [Fact]
    [Trait("Req", "F1")]
    public async Task EnqueueAsync_transaction_rolled_back_leaves_no_job()
    {
        var id = Guid.Empty;
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.InTransactionAsync<int>(Acme, async transaction =>
        {
            id = await database.Queue.EnqueueAsync(transaction, Acme, new Work(1));
            throw new InvalidOperationException("The caller changes its mind.");
        }));

        Assert.NotEqual(Guid.Empty, id);
        Assert.Null(await database.StatusAsync(Acme, id));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.pending WHERE id = $1", id));
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task EnqueueAsync_committed_runs_with_its_payload_and_keeps_the_result()
    {
        await using var host = await WorkHost.StartAsync(
            database, (payload, context, _) => Task.FromResult<object?>(new { doubled = ((Work)payload).Number * 2, tenant = context.Tenant.Value }));

        var id = await database.EnqueueAsync(Acme, new Work(21, "ünï"));
        var status = await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        Assert.Equal("test.work", status.Type);
        Assert.Equal("work", status.Queue);
        Assert.Equal(1, status.Attempts);
        Assert.Equal(100, status.Progress.Percent);
        Assert.Equal(42, status.Result!.Value.GetProperty("doubled").GetInt32());
        Assert.Equal(Acme.Value, status.Result.Value.GetProperty("tenant").GetGuid());
        Assert.NotNull(status.StartedAt);
        Assert.True(status.FinishedAt >= status.StartedAt);
        Assert.Null(status.Error);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task EnqueueAsync_same_unique_key_gives_the_unfinished_jobs_id()
    {
        var first = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { UniqueKey = "once", Delay = TimeSpan.FromHours(1) });
        var second = await database.EnqueueAsync(Acme, new Work(2), new JobOptions { UniqueKey = "once" });
        var others = await database.EnqueueAsync(Globex, new Work(3), new JobOptions { UniqueKey = "once", Delay = TimeSpan.FromHours(1) });

        Assert.Equal(first, second);
        Assert.NotEqual(first, others);
        Assert.Equal(JobStates.Scheduled, (await database.StatusAsync(Acme, first))!.State);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task EnqueueAsync_unique_key_of_a_finished_job_is_free_again()
    {
        await using var host = await WorkHost.StartAsync(database, DoNothing);
        var options = new JobOptions { UniqueKey = "again" };
        var first = await database.EnqueueAsync(Acme, new Work(1), options);
        await database.WaitForAsync(Acme, first, JobStates.Succeeded);

        var second = await database.EnqueueAsync(Acme, new Work(2), options);

        Assert.NotEqual(first, second);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task EnqueueAsync_same_unique_key_at_once_creates_one_job()
    {
        var options = new JobOptions { UniqueKey = "race", Delay = TimeSpan.FromHours(1) };
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => database.EnqueueAsync(Acme, new Work(n), options)));

        Assert.Single(ids.Distinct());
    }

    [Theory]
    [Trait("Req", "F2")]
    [InlineData(JobStates.Succeeded)]
    [InlineData(JobStates.Dead)]
    public async Task EnqueueAsync_unique_key_of_an_ended_job_is_taken_in_the_states_named(string state)
    {
        await using var host = await WorkHost.StartAsync(
            database, (_, _, _) => state == JobStates.Dead ? throw new PermanentJobException("No.") : Task.FromResult<object?>(null));
        var key = $"held when {state}";
        var first = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { UniqueKey = key });
        await database.WaitForAsync(Acme, first, state);

        var held = await database.EnqueueAsync(Acme, new Work(2), new JobOptions { UniqueKey = key, UniqueStates = [state] });
        var others = await database.EnqueueAsync(Acme, new Work(3), new JobOptions { UniqueKey = key, UniqueStates = [JobStates.Cancelled] });
        await database.WaitForAsync(Acme, others, state);
        var foreign = await database.EnqueueAsync(Globex, new Work(4), new JobOptions { UniqueKey = key, UniqueStates = [state] });

        Assert.Equal(first, held);
        Assert.NotEqual(first, others);
        Assert.NotEqual(first, foreign);
        Assert.Equal(2L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM jobs.job WHERE tenant_id = $1 AND unique_key = $2", Acme.Value, $"test.work:{key}"));
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task EnqueueAsync_unique_key_goes_to_one_of_many_while_its_job_ends()
    {
        var ran = 0;
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
        {
            if (payload is Work { Name: "ending" })
                Interlocked.Increment(ref ran);
            return Task.FromResult<object?>(null);
        });

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var seen = new List<Guid>();
            for (var n = 0; n < 50; n++)
            {
                seen.Add(await database.EnqueueAsync(
                    Acme, new Work(n, "ending"), new JobOptions { UniqueKey = "ending", UniqueStates = [JobStates.Succeeded] }));
            }

            return seen;
        }));

        await database.WaitForAsync(Acme, ids[0][0], JobStates.Succeeded);
        Assert.Single(ids.SelectMany(seen => seen).Distinct());
        Assert.Equal(1, ran);
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task EnqueueManyAsync_thousand_jobs_all_run()
    {
        var numbers = new System.Collections.Concurrent.ConcurrentBag<int>();
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
        {
            if (payload is Work { Name: "bulk" } work)
                numbers.Add(work.Number);
            return Task.FromResult<object?>(null);
        });

        var ids = await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 1000).Select(n => new Work(n, "bulk"))]);
        await Testing.Eventually.TrueAsync(() => numbers.Count >= 1000);
        await database.WaitForAsync(Acme, ids[^1], JobStates.Succeeded);

        Assert.Equal(Enumerable.Range(0, 1000), numbers.Order());
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task EnqueueManyAsync_gives_ids_in_the_order_of_the_payloads()
    {
        var ids = await database.EnqueueManyAsync(
            Acme, [.. Enumerable.Range(0, 100).Select(n => new Work(n, "ordered"))], new JobOptions { Delay = TimeSpan.FromHours(1) });

        for (var n = 0; n < ids.Count; n++)
            Assert.Equal(n, await database.ScalarAsync<int>("SELECT (payload ->> 'number')::int FROM jobs.job WHERE id = $1", ids[n]));
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task EnqueueManyAsync_of_large_payloads_sends_them_a_few_at_a_time()
    {
        var large = new string('x', 900_000);
        var ids = await database.EnqueueManyAsync(
            Acme, [.. Enumerable.Range(0, 12).Select(n => new Work(n, large))], new JobOptions { Delay = TimeSpan.FromHours(1) });

        for (var n = 0; n < ids.Count; n++)
            Assert.Equal(n, await database.ScalarAsync<int>("SELECT (payload ->> 'number')::int FROM jobs.job WHERE id = $1", ids[n]));
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(DISTINCT cmin::text) FROM jobs.job WHERE id = ANY ($1)", ids.ToArray()));
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task EnqueueAsync_by_itself_is_durable_at_once_and_the_tenants_own()
    {
        await using var host = await WorkHost.StartAsync(database, DoNothing);

        var id = await database.Queue.EnqueueAsync(database.App, Acme, new Work(1));
        var keyed = await database.Queue.EnqueueAsync(database.App, Globex, new Work(2), new JobOptions { Lane = "alone", UniqueKey = "alone" });

        Assert.Null(await database.StatusAsync(Globex, id));
        await database.WaitForAsync(Acme, id, JobStates.Succeeded);
        await database.WaitForAsync(Globex, keyed, JobStates.Succeeded);
        // Nothing of the tenant stays with the pooled connection.
        await using var connection = await database.App.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT current_setting('app.tenant_id', true)", connection);
        Assert.True(await command.ExecuteScalarAsync() is null or DBNull or "");
    }

    [Theory]
    [InlineData(101, 5, 60, 7)]
    [InlineData(50, 0, 60, 7)]
    [InlineData(50, 5, 0, 7)]
    [InlineData(50, 5, 60, 0)]
    [InlineData(50, 5, 60, 40_000)]
    [Trait("Req", "F2")]
    public async Task EnqueueAsync_options_out_of_their_range_are_refused(int priority, int attempts, int timeout, int days)
    {
        var options = new JobOptions { Priority = priority, MaxAttempts = attempts, Timeout = TimeSpan.FromSeconds(timeout), RetentionDays = days };

        await Assert.ThrowsAsync<JobException>(() => database.EnqueueAsync(Acme, new Work(1), options));
        await Assert.ThrowsAsync<JobException>(() => database.EnqueueManyAsync(Acme, [new Work(1)], options));
        await Assert.ThrowsAsync<JobException>(() => database.Queue.EnqueueAsync(database.App, Acme, new Work(1), options));
    }

    [Theory]
    [Trait("Req", "F2")]
    [InlineData("key", JobStates.Running)]
    [InlineData(null, JobStates.Succeeded)]
    public async Task EnqueueAsync_unique_states_need_a_key_and_are_ended_ones(string? key, string state) =>
        await Assert.ThrowsAsync<JobException>(() => database.EnqueueAsync(Acme, new Work(1), new JobOptions { UniqueKey = key, UniqueStates = [state] }));

    [Fact]
    [Trait("Req", "B2")]
    public async Task EnqueueAsync_for_another_tenant_than_the_transactions_is_refused()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.InTransactionAsync(
            Acme, transaction => database.Queue.EnqueueAsync(transaction, Globex, new Work(1))));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task EnqueueAsync_payload_over_a_megabyte_is_refused()
    {
        await Assert.ThrowsAsync<JobException>(() => database.EnqueueAsync(Acme, new Work(1, new string('x', 1024 * 1024))));
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task EnqueueAsync_payload_without_attribute_is_refused()
    {
        await Assert.ThrowsAsync<JobException>(() => database.EnqueueAsync(Acme, "a string"));
    }
}
