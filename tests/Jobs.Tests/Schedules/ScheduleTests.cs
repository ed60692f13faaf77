using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Platform.Jobs.Schedules;
using Platform.Tenancy;
using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests.Schedules;

[Trait("Req", "F2")]
public sealed class ScheduleTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private static readonly CronSchedule EveryMinute = CronSchedule.Parse("* * * * *");
    private static readonly CronSchedule Yearly = CronSchedule.Parse("@yearly");
    private readonly JobSchedules _schedules = new();
    private readonly ConcurrentBag<(TenantId Tenant, Work Work)> _ran = [];

    private Task<WorkHost> StartAsync(Action<Microsoft.Extensions.Hosting.IHostApplicationBuilder>? build = null) => WorkHost.StartAsync(
        database,
        (payload, context, _) =>
        {
            _ran.Add((context.Tenant, (Work)payload));
            return Task.FromResult<object?>(null);
        },
        options =>
        {
            options.LeaderLease = TimeSpan.FromSeconds(1);
            options.PollInterval = TimeSpan.FromMilliseconds(100);
        },
        build: build);

    private Task<JobSchedule> CreateAsync(
        string name, int number, CronSchedule? cron = null, JobMisfire? misfire = null, TenantId? tenant = null, JobOptions? options = null) =>
        database.InTransactionAsync(
            tenant ?? Acme,
            t => _schedules.CreateAsync(t, tenant ?? Acme, name, cron ?? EveryMinute, new Work(number, name), misfire, options));

    private Task<JobSchedule?> GetAsync(Guid id, TenantId? tenant = null) =>
        database.InTransactionAsync(tenant ?? Acme, t => _schedules.GetAsync(t, tenant ?? Acme, id));

    private Task<IReadOnlyList<JobScheduleRun>> RunsAsync(Guid id) =>
        database.InTransactionAsync(Acme, t => _schedules.RunsAsync(t, Acme, id));

    /// <summary>As if nobody had led since then.</summary>
    private Task DueAsync(Guid id, string ago) => database.ExecuteAsync(
        $"UPDATE jobs.schedules SET next_due = date_trunc('minute', clock_timestamp()) - interval '{ago}' WHERE id = $1", id);

    private Task<long> JobsOfAsync(string name) =>
        database.ScalarAsync<long>("SELECT count(*) FROM jobs.job WHERE payload ->> 'name' = $1", name);

    [Fact]
    public async Task Due_run_is_enqueued_with_the_types_settings_and_the_next_one_follows_from_it()
    {
        var often = await CreateAsync("often", 1);
        Assert.Equal(0, often.NextDue!.Value.Second);
        Assert.InRange(often.NextDue.Value, DateTimeOffset.UtcNow.AddSeconds(-5), DateTimeOffset.UtcNow.AddSeconds(65));
        Assert.Equal(5, often.NextRuns().Distinct().Count());
        Assert.True(await database.InTransactionAsync(Acme, t => _schedules.DeleteAsync(t, Acme, often.Id)));

        var schedule = await CreateAsync("report", 1, Yearly, options: new JobOptions { Priority = 7, MaxAttempts = 2 });
        await DueAsync(schedule.Id, "0");
        await using var host = await StartAsync();
        await Eventually.TrueAsync(() => _ran.Any(r => r.Work == new Work(1, "report") && r.Tenant == Acme));

        var after = (await GetAsync(schedule.Id))!;
        var run = Assert.Single(await RunsAsync(schedule.Id));
        Assert.Equal(run.DueAt, after.LastDue);
        Assert.Equal(schedule.NextDue, after.NextDue);
        var job = await database.StatusAsync(Acme, run.JobId);
        Assert.Equal(("test.work", "work", 2), (job!.Type, job.Queue, job.MaxAttempts));
        Assert.Equal((short)7, await database.ScalarAsync<short>("SELECT priority FROM jobs.job WHERE id = $1", run.JobId));
    }

    [Fact]
    public async Task Missed_runs_follow_the_schedules_policy()
    {
        var skip = await CreateAsync("skip", 2, misfire: JobMisfire.Skip);
        var once = await CreateAsync("once", 3);
        var all = await CreateAsync("all", 4, misfire: JobMisfire.RunAll(5));
        foreach (var schedule in (JobSchedule[])[skip, once, all])
        {
            // Hourly, half an hour ago for the last time: none of them is on time.
            await database.ExecuteAsync(
                """
                UPDATE jobs.schedules SET cron = extract(minute FROM clock_timestamp() - interval '30 min')::int || ' * * * *',
                    next_due = date_trunc('minute', clock_timestamp()) - interval '9 hours 30 min' WHERE id = $1
                """,
                schedule.Id);
        }

        await using var host = await StartAsync();
        await Eventually.TrueAsync(async () => await JobsOfAsync("all") == 5 && await JobsOfAsync("once") == 1);

        Assert.Equal(0, await JobsOfAsync("skip"));
        foreach (var schedule in (JobSchedule[])[skip, once, all])
            Assert.True((await GetAsync(schedule.Id))!.NextDue > DateTimeOffset.UtcNow.AddMinutes(-1));
        var dues = (await RunsAsync(all.Id)).Select(r => r.DueAt).ToArray();
        Assert.Equal(dues[0].AddHours(-4), dues[^1]);
    }

    [Fact]
    public async Task Two_leaders_at_once_make_each_run_once()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var runners = new[] { first, second }
            .Select(h => h.Services.GetServices<Engine.LeaderDuty>().OfType<ScheduleRunner>().Single()).ToArray();
        var tenant = new TenantId(Guid.CreateVersion7());
        for (var round = 0; round < 10; round++)
        {
            for (var i = 0; i < 10; i++)
            {
                var schedule = await CreateAsync($"twice {round} {i}", 5, Yearly, tenant: tenant);
                await DueAsync(schedule.Id, "0");
            }

            await Task.WhenAll(runners.Select(r => r.FireDueAsync(CancellationToken.None)));
        }

        await Eventually.TrueAsync(async () => await database.ScalarAsync<long>(
            "SELECT count(*) FROM jobs.schedules WHERE name LIKE 'twice%' AND next_due <= clock_timestamp()") == 0);
        Assert.Equal(100L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.job WHERE payload ->> 'name' LIKE 'twice%'"));
    }

    [Fact]
    public async Task Run_that_is_recorded_is_never_made_again()
    {
        var schedule = await CreateAsync("again", 6, Yearly);
        await database.ExecuteAsync(
            "INSERT INTO jobs.schedule_runs VALUES ($1, $2, date_trunc('minute', clock_timestamp()), gen_random_uuid(), clock_timestamp())",
            Acme.Value, schedule.Id);
        await DueAsync(schedule.Id, "0");

        await using var host = await StartAsync();
        await Eventually.TrueAsync(async () => (await GetAsync(schedule.Id))!.NextDue > DateTimeOffset.UtcNow);

        Assert.Equal(0, await JobsOfAsync("again"));
    }

    [Fact]
    public async Task Paused_schedule_makes_no_runs_and_none_is_missed_when_it_goes_on()
    {
        var schedule = await CreateAsync("paused", 7, Yearly);
        var paused = await database.InTransactionAsync(Acme, t => _schedules.PauseAsync(t, Acme, schedule.Id));
        Assert.NotNull(paused!.PausedAt);
        Assert.Empty(paused.NextRuns());
        await DueAsync(schedule.Id, "5 min");

        await using var host = await StartAsync();
        var other = await CreateAsync("not paused", 7, Yearly);
        await DueAsync(other.Id, "0");
        await Eventually.TrueAsync(async () => await JobsOfAsync("not paused") == 1);
        var resumed = await database.InTransactionAsync(Acme, t => _schedules.ResumeAsync(t, Acme, schedule.Id));

        Assert.True(resumed!.NextDue > DateTimeOffset.UtcNow);
        Assert.Equal(0, await JobsOfAsync("paused"));
        Assert.Null(resumed.PausedAt);
    }

    [Fact]
    public async Task Change_takes_new_times_from_now_on_and_minds_the_version()
    {
        var schedule = await CreateAsync("change", 8, Yearly);
        var change = new JobScheduleChange
        {
            Name = "changed", Cron = CronSchedule.Parse("0 9 * * MON", "Europe/Berlin"), Misfire = JobMisfire.Skip,
            Payload = new Work(9, "changed"), IfVersion = schedule.Version,
        };
        var changed = (await database.InTransactionAsync(Acme, t => _schedules.ChangeAsync(t, Acme, schedule.Id, change)))!;

        Assert.Equal(("changed", "0 9 * * MON", "Europe/Berlin", 0), (changed.Name, changed.Cron, changed.TimeZone, changed.Misfire.Runs));
        Assert.Equal(DayOfWeek.Monday, changed.NextDue!.Value.DayOfWeek);
        Assert.True(changed.NextDue > DateTimeOffset.UtcNow.AddSeconds(-5));
        Assert.Equal(9, changed.Payload.GetProperty("number").GetInt32());
        Assert.Null(await database.InTransactionAsync(Acme, t => _schedules.ChangeAsync(t, Acme, schedule.Id, change)));
        await Assert.ThrowsAsync<JobException>(() => database.InTransactionAsync(
            Acme, t => _schedules.ChangeAsync(t, Acme, schedule.Id, new JobScheduleChange { Payload = new CarefulWork(1) })));
        await CreateAsync("taken", 8, Yearly);
        await Assert.ThrowsAsync<JobException>(() => database.InTransactionAsync(
            Acme, t => _schedules.ChangeAsync(t, Acme, schedule.Id, new JobScheduleChange { Name = "taken" })));
        await Assert.ThrowsAsync<JobException>(() => CreateAsync("taken", 8, Yearly));
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Another_tenants_schedule_is_unknown()
    {
        var theirs = await CreateAsync("theirs", 10, Yearly, tenant: Globex);

        Assert.Null(await GetAsync(theirs.Id));
        Assert.DoesNotContain(await database.InTransactionAsync(Acme, t => _schedules.ListAsync(t, Acme)), s => s.Id == theirs.Id);
        Assert.Empty(await database.InTransactionAsync(Acme, t => _schedules.ListAsync(t, Globex)));
        Assert.Null(await database.InTransactionAsync(Acme, t => _schedules.PauseAsync(t, Acme, theirs.Id)));
        Assert.Null(await database.InTransactionAsync(Acme, t => _schedules.ChangeAsync(t, Globex, theirs.Id, new JobScheduleChange { Name = "x" })));
        Assert.False(await database.InTransactionAsync(Acme, t => _schedules.DeleteAsync(t, Globex, theirs.Id)));
        Assert.Equal("theirs", (await GetAsync(theirs.Id, Globex))!.Name);
        Assert.True(await database.InTransactionAsync(Globex, t => _schedules.DeleteAsync(t, Globex, theirs.Id)));
    }

    [Fact]
    public async Task Tenant_has_a_bounded_number_of_schedules()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        for (var i = 0; i < IJobSchedules.MaxPerTenant; i++)
            await CreateAsync($"{i}", i, Yearly, tenant: tenant);

        await Assert.ThrowsAsync<JobException>(() => CreateAsync("more", 1, Yearly, tenant: tenant));
    }

    [Fact]
    public async Task Of_two_who_make_the_last_schedule_at_once_one_does()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        for (var i = 1; i < IJobSchedules.MaxPerTenant; i++)
            await CreateAsync($"{i}", i, Yearly, tenant: tenant);

        var second = Task.CompletedTask;
        await database.InTransactionAsync(tenant, async transaction =>
        {
            var first = await _schedules.CreateAsync(transaction, tenant, "first", Yearly, new Work(1));
            second = CreateAsync("second", 2, Yearly, tenant: tenant);
            // Nobody sees the first one before its commit: whoever counts now would make one too many.
            await Eventually.TrueAsync(async () => second.IsCompleted
                || await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") > 0);
            return first;
        });

        await Assert.ThrowsAsync<JobException>(() => second);
    }

    [Fact]
    public async Task Deleting_a_schedule_that_was_changed_meanwhile_does_nothing()
    {
        var schedule = await CreateAsync("versioned", 3, Yearly);

        Assert.False(await database.InTransactionAsync(Acme, t => _schedules.DeleteAsync(t, Acme, schedule.Id, schedule.Version + 1)));
        Assert.True(await database.InTransactionAsync(Acme, t => _schedules.DeleteAsync(t, Acme, schedule.Id, schedule.Version)));
    }

    [Fact]
    public async Task Schedule_that_cannot_be_read_holds_up_no_other()
    {
        var broken = await CreateAsync("broken", 11, Yearly);
        await database.ExecuteAsync("UPDATE jobs.schedules SET time_zone = 'Nowhere/Atlantis' WHERE id = $1", broken.Id);
        await DueAsync(broken.Id, "10 min");
        var fine = await CreateAsync("fine", 12, Yearly);
        await DueAsync(fine.Id, "0");

        await using var host = await StartAsync();

        await Eventually.TrueAsync(async () => await JobsOfAsync("fine") == 1);
        Assert.True((await GetAsync(broken.Id))!.NextDue > DateTimeOffset.UtcNow.AddMinutes(30));
    }

    [Fact]
    public async Task Declared_schedule_is_kept_over_restarts_changed_by_code_and_retired_when_taken_out()
    {
        static void Declare(Microsoft.Extensions.Hosting.IHostApplicationBuilder builder, string cron) =>
            builder.AddJobSchedule("nightly", cron, "Europe/Berlin", new Work(20, "nightly"));
        Task<JobSchedule?> Declared() => database.InTransactionAsync(
            PlatformTenant.Id,
            async t => (await _schedules.ListAsync(t, PlatformTenant.Id)).SingleOrDefault(s => s.Name == "nightly"));

        await using (await StartAsync(b => Declare(b, "0 3 * * *")))
            await Eventually.TrueAsync(async () => await Declared() is { Declared: true, NextDue: not null });
        var first = (await Declared())!;
        await Assert.ThrowsAsync<JobException>(() => database.InTransactionAsync(
            PlatformTenant.Id, t => _schedules.DeleteAsync(t, PlatformTenant.Id, first.Id)));
        await Assert.ThrowsAsync<JobException>(() => database.InTransactionAsync(
            PlatformTenant.Id, t => _schedules.ChangeAsync(t, PlatformTenant.Id, first.Id, new JobScheduleChange { Name = "x" })));

        // Missed while no worker was there: made up for, not forgotten, by the restart.
        await DueAsync(first.Id, "2 days");
        await using (await StartAsync(b => Declare(b, "0 3 * * *")))
            await Eventually.TrueAsync(() => _ran.Any(r => r == (PlatformTenant.Id, new Work(20, "nightly"))));

        // Other times: the next run is one of them, and nothing runs for having been changed.
        await using (await StartAsync(b => Declare(b, "0 5 1 1 *")))
            await Eventually.TrueAsync(async () => (await Declared())!.Cron == "0 5 1 1 *");
        var changed = (await Declared())!;
        Assert.Equal((first.Id, 1), (changed.Id, changed.NextDue!.Value.Month));

        await using (await StartAsync())
            await Eventually.TrueAsync(async () => (await Declared())!.NextDue is null);
        Assert.Equal(1, await JobsOfAsync("nightly"));
    }

    [Fact]
    public void Declaring_refuses_what_cannot_run()
    {
        var services = new ServiceCollection();
        Assert.Throws<JobException>(() => services.AddJobSchedule("x", "61 * * * *", "UTC", new Work(1)));
        Assert.Throws<JobException>(() => services.AddJobSchedule("x", "* * * * *", "UTC", "no job"));
        Assert.Throws<JobException>(() => services.AddJobSchedule(" ", "* * * * *", "UTC", new Work(1)));
        Assert.Throws<JobException>(() => services.AddJobSchedule("x", "* * * * *", "UTC", new Work(1), options: new JobOptions { Lane = "l" }));
        services.AddJobSchedule("x", "* * * * *", "UTC", new Work(1));
        Assert.Throws<JobException>(() => services.AddJobSchedule("x", "* * * * *", "UTC", new Work(1)));
    }
}
