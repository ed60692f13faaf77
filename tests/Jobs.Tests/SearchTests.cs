using Npgsql;
using Platform.Jobs.Internal;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

[Trait("Req", "F8")]
public sealed class SearchTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private readonly JobSearch _search = new();

    [Fact]
    public async Task SearchAsync_goes_through_all_of_a_tenants_jobs_newest_first_and_each_once()
    {
        var tenant = new Tenancy.TenantId(Guid.CreateVersion7());
        var ids = new List<Guid>();
        for (var n = 0; n < 7; n++)
            ids.Add(await database.EnqueueAsync(tenant, new Work(n)));
        await database.EnqueueAsync(Globex, new Work(99));

        var found = await AllAsync(tenant, new JobQuery(Limit: 3));

        // Within a millisecond any order will do.
        Assert.Equal(ids.OrderDescending(), found.Select(job => job.Id));
        Assert.All(found, job => Assert.Equal((tenant.Value, "test.work", "work", JobStates.Available), (job.Tenant, job.Type, job.Queue, job.State)));
    }

    [Fact]
    public async Task SearchAsync_filters_by_state_queue_type_and_time()
    {
        var tenant = new Tenancy.TenantId(Guid.CreateVersion7());
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
            payload is CarefulWork ? throw new PermanentJobException("broken") : Task.FromResult<object?>(null));
        var good = await database.EnqueueAsync(tenant, new Work(1));
        var bad = await database.EnqueueAsync(tenant, new CarefulWork(2));
        var later = await database.EnqueueAsync(tenant, new Work(3), new JobOptions { Delay = TimeSpan.FromHours(1) });
        var elsewhere = await database.EnqueueAsync(tenant, new Work(4), new JobOptions { Queue = "nobody" });
        await database.WaitForAsync(tenant, good, JobStates.Succeeded);
        await database.WaitForAsync(tenant, bad, JobStates.Dead);
        var now = DateTimeOffset.UtcNow;

        async Task<Guid[]> Find(JobQuery query) => [.. (await AllAsync(tenant, query)).Select(job => job.Id)];
        Assert.Equal([good], await Find(new(State: JobStates.Succeeded)));
        Assert.Equal([bad], await Find(new(State: JobStates.Dead)));
        Assert.Equal([later], await Find(new(State: JobStates.Scheduled)));
        Assert.Equal([elsewhere], await Find(new(State: JobStates.Available)));
        Assert.Empty(await Find(new(State: JobStates.Cancelled)));
        Assert.Equal([elsewhere], await Find(new(Queue: "nobody")));
        Assert.Equal([bad], await Find(new(Type: "test.careful")));
        Assert.Empty(await Find(new(Type: "test.work", State: JobStates.Dead)));
        Assert.Equal(4, (await Find(new(From: now.AddMinutes(-5), To: now.AddMinutes(1)))).Length);
        Assert.Empty(await Find(new(From: now.AddMinutes(1))));
        Assert.Empty(await Find(new(To: now.AddMinutes(-5))));
        Assert.Empty(await Find(new(From: DateTimeOffset.MaxValue)));
        Assert.Empty(await Find(new(To: DateTimeOffset.MinValue)));
        Assert.Equal("broken", (await AllAsync(tenant, new(State: JobStates.Dead))).Single().Error);
    }

    [Fact]
    public async Task SearchAsync_looks_at_a_bounded_number_of_jobs_and_says_where_it_stopped()
    {
        var tenant = new Tenancy.TenantId(Guid.CreateVersion7());
        var rare = await database.EnqueueAsync(tenant, new Work(0), new JobOptions { Queue = "rare" });
        await database.EnqueueManyAsync(tenant, Enumerable.Range(1, JobSearch.Scan + 500).Select(n => new Work(n)).ToList());

        var first = await _search.SearchAsync(database.App, tenant, new JobQuery(Queue: "rare"));
        var second = await _search.SearchAsync(database.App, tenant, new JobQuery(Queue: "rare", Before: first.Next));

        Assert.Empty(first.Jobs);
        Assert.NotNull(first.Next);
        Assert.Equal(rare, second.Jobs.Single().Id);
        Assert.Null(second.Next);
    }

    [Theory]
    [InlineData("search", null, "job_tenant")]
    [InlineData("search", "running", "job_tenant")]
    [InlineData("search_unsuccessful", "dead", "finished_unsuccessful_tenant")]
    [Trait("Req", "D9")]
    public async Task Search_of_a_quiet_tenant_beside_a_busy_one_reads_its_own_jobs_by_index(string function, string? state, string index)
    {
        var (quiet, busy) = (new Tenancy.TenantId(Guid.CreateVersion7()), Guid.CreateVersion7());
        for (var n = 0; n < 5; n++)
            await database.EnqueueAsync(quiet, new Work(n));
        await database.ExecuteAsync(
            """
            INSERT INTO jobs.job (id, seq, tenant_id, timeout_seconds, retention_days, max_attempts, priority, type, queue, payload)
            SELECT uuidv7(), -n, $1, 60, 7, 3, 50, 'test.work', 'work', '{}' FROM generate_series(1, 30000) n
            """, busy);
        await database.ExecuteAsync(
            """
            INSERT INTO jobs.finished (id, tenant_id, finished_at, attempt, state)
            SELECT id, tenant_id, now(), 1, CASE WHEN seq % 10 = 0 THEN 'dead' ELSE 'succeeded' END FROM jobs.job WHERE tenant_id = $1
            """, busy);
        await database.ExecuteAsync("ANALYZE jobs.job, jobs.finished, jobs.pending");

        foreach (var tenant in new[] { quiet, new Tenancy.TenantId(busy) })
        {
            var plan = await ExplainAsync(tenant, function, state);
            Assert.DoesNotContain("Seq Scan on job", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan on finished", plan, StringComparison.Ordinal);
            // Only what was found is sorted.
            Assert.Equal(["Sort Key: found.id DESC"], plan.Split('\n').Where(line => line.Contains("Sort Key", StringComparison.Ordinal)).Select(line => line.Trim()));
            if (tenant == quiet)
                Assert.Contains(index, plan, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task GetDetailAsync_has_every_attempt_with_times_worker_and_error()
    {
        var tries = 0;
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
            payload is Work { Name: "name" } && ++tries < 3 ? throw new InvalidOperationException("secret of the house") : Task.FromResult<object?>(new { done = true }));
        var id = await database.EnqueueAsync(Acme, new Work(1, "name"));
        await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        var detail = await _search.GetDetailAsync(database.App, Acme, id);

        Assert.Equal([3, 2, 1], detail!.Attempts.Select(attempt => attempt.Attempt));
        Assert.Equal(["succeeded", "failed", "failed"], detail.Attempts.Select(attempt => attempt.Outcome));
        Assert.All(detail.Attempts, attempt => Assert.True(attempt.StartedAt <= attempt.FinishedAt && attempt.Worker > 0));
        Assert.DoesNotContain("secret", detail.Attempts[1].Error!, StringComparison.Ordinal);
        Assert.Contains("secret", detail.Attempts[1].Detail!, StringComparison.Ordinal);
        Assert.Contains("name", detail.Payload, StringComparison.Ordinal);
        Assert.Null(await _search.GetDetailAsync(database.App, Globex, id));
    }

    private async Task<List<JobSummary>> AllAsync(Tenancy.TenantId tenant, JobQuery query)
    {
        var all = new List<JobSummary>();
        for (var page = await _search.SearchAsync(database.App, tenant, query); ; page = await _search.SearchAsync(database.App, tenant, query with { Before = page.Next }))
        {
            Assert.True(page.Jobs.Count <= query.Limit);
            all.AddRange(page.Jobs);
            if (page.Next is null)
                return all;
        }
    }

    private Task<string> ExplainAsync(Tenancy.TenantId tenant, string function, string? state) => database.InTransactionAsync(tenant, async transaction =>
    {
        await using (var plan = new NpgsqlCommand($"SELECT {JobSearch.Planning}", transaction.Connection, transaction))
            await plan.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(
            $"EXPLAIN SELECT * FROM jobs.{function}('{tenant}', NULL, NULL, {(state is null ? "NULL" : $"'{state}'")}, '{Guid.Empty}', "
            + "'ffffffff-ffff-ffff-ffff-ffffffffffff', 21, 10000)", transaction.Connection, transaction);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    });
}
