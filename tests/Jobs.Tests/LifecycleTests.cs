using System.Collections.Concurrent;
using System.Diagnostics;
using Platform.Jobs.Engine;
using Microsoft.Extensions.DependencyInjection;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

public sealed class LifecycleTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    [Fact]
    [Trait("Req", "F2")]
    public async Task CancelAsync_running_job_in_another_process_has_its_token_cancelled()
    {
        await using var host = await WorkHost.StartAsync(database, async (_, context, token) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException)
            {
                Assert.True(context.IsCancelled);
                throw;
            }

            return null;
        });
        var id = await database.EnqueueAsync(Acme, new Work(1));
        await database.WaitForAsync(Acme, id, JobStates.Running);

        Assert.False(await database.CancelAsync(Globex, id));
        Assert.True(await database.CancelAsync(Acme, id));
        var status = await database.WaitForAsync(Acme, id, JobStates.Cancelled);

        Assert.Null(status.Error);
        Assert.False(await database.CancelAsync(Acme, id));
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task CancelAsync_waiting_job_never_runs_and_its_lane_goes_on()
    {
        var ran = new ConcurrentBag<int>();
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
        {
            ran.Add(((Work)payload).Number);
            return Task.FromResult<object?>(null);
        });
        var head = await database.EnqueueAsync(Acme, new Work(100), new JobOptions { Lane = "cancel", Delay = TimeSpan.FromHours(1) });
        var behind = await database.EnqueueAsync(Acme, new Work(101), new JobOptions { Lane = "cancel" });

        await database.CancelAsync(Acme, head);
        await database.WaitForAsync(Acme, head, JobStates.Cancelled);
        await database.WaitForAsync(Acme, behind, JobStates.Succeeded);

        Assert.DoesNotContain(100, ran);
        await Testing.Eventually.TrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.cancellations") == 0);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task CancelAsync_while_no_worker_is_there_keeps_the_job_from_running_when_one_comes()
    {
        var cancelled = await database.EnqueueAsync(Acme, new Work(200));
        var other = await database.EnqueueAsync(Acme, new Work(201));
        await database.CancelAsync(Acme, cancelled);

        var ran = new ConcurrentBag<int>();
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
        {
            ran.Add(((Work)payload).Number);
            return Task.FromResult<object?>(null);
        });

        await database.WaitForAsync(Acme, other, JobStates.Succeeded);
        await database.WaitForAsync(Acme, cancelled, JobStates.Cancelled);
        Assert.Equal([201], ran);
    }

    [Fact]
    [Trait("Req", "F7")]
    public async Task ReportProgressAsync_is_stored_and_told_throttled_with_the_last_one_always()
    {
        var events = new RecordedEvents();
        await using var host = await WorkHost.StartAsync(
            database,
            async (_, context, token) =>
            {
                for (var n = 1; n <= 1000; n++)
                    await context.ReportProgressAsync(n, 2000, token);
                return null;
            },
            options => options.ProgressInterval = TimeSpan.FromMinutes(1),
            events);

        var id = await database.EnqueueAsync(Acme, new Work(1));
        var status = await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        Assert.Equal((1000L, 2000L), (status.Progress.Done, status.Progress.Total));
        await Testing.Eventually.TrueAsync(() => events.Of(id).Count == 3);
        Assert.Equal(
            [(JobStates.Running, 1L), (JobStates.Running, 1000L), (JobStates.Succeeded, 1000L)],
            events.Of(id).Select(e => (e.State, e.Progress.Done)));
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task GetStatusAsync_another_tenants_job_is_unknown()
    {
        var id = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { Delay = TimeSpan.FromHours(1) });

        Assert.NotNull(await database.StatusAsync(Acme, id));
        Assert.Null(await database.StatusAsync(Globex, id));

        // Not by the query's own condition alone: the rows are out of the role's sight.
        await using var connection = await database.App.OpenConnectionAsync();
        foreach (var table in (string[])["job", "pending", "finished", "attempts", "progress", "cancellations", "blocked_lanes"])
        {
            await using var command = new Npgsql.NpgsqlCommand($"SELECT count(*) FROM jobs.{table}", connection);
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
    }

    [Fact]
    [Trait("Req", "F7")]
    public async Task WaitAsync_gives_the_end_soon_after_it_comes_and_the_latest_when_time_is_up()
    {
        using var mayEnd = new SemaphoreSlim(0);
        await using var host = await WorkHost.StartAsync(database, async (_, _, _) =>
        {
            await mayEnd.WaitAsync(CancellationToken.None);
            return null;
        });
        var id = await database.EnqueueAsync(Acme, new Work(1));

        var waited = await database.Reader.WaitAsync(database.App, Acme, id, TimeSpan.FromMilliseconds(300));
        Assert.False(JobStates.IsFinished(waited!.State));
        var waiting = database.Reader.WaitAsync(database.App, Acme, id, TimeSpan.FromSeconds(20));
        mayEnd.Release();

        Assert.Equal(JobStates.Succeeded, (await waiting.WaitAsync(TimeSpan.FromSeconds(5)))!.State);
        Assert.Null(await database.Reader.WaitAsync(database.App, Acme, Guid.CreateVersion7(), TimeSpan.FromSeconds(20)));
    }

    [Fact]
    [Trait("Req", "F10")]
    public async Task Stop_lets_running_jobs_finish_and_hands_back_the_rest_without_costing_an_attempt()
    {
        using var mayEnd = new SemaphoreSlim(0);
        var inside = 0;
        var host = await WorkHost.StartAsync(
            database,
            async (payload, _, token) =>
            {
                Interlocked.Increment(ref inside);
                if (((Work)payload).Number == 1)
                    await mayEnd.WaitAsync(CancellationToken.None);
                else
                    await Task.Delay(Timeout.Infinite, token);
                return null;
            },
            options =>
            {
                options.Queues["drain"] = new JobQueueOptions { Concurrency = 2 };
                options.Drain = TimeSpan.FromMilliseconds(500);
            });
        var options = new JobOptions { Queue = "drain" };
        var quick = await database.EnqueueAsync(Acme, new Work(1), options);
        var slow = await database.EnqueueAsync(Acme, new Work(2), options);
        // Claimed is not yet started: what hasn't is handed back.
        await Testing.Eventually.TrueAsync(() => Volatile.Read(ref inside) == 2);
        var waiting = await database.EnqueueAsync(Acme, new Work(3), options);

        var stopping = host.StopAsync();
        mayEnd.Release();
        await stopping.WaitAsync(TimeSpan.FromSeconds(5));
        await host.DisposeAsync();

        Assert.Equal(JobStates.Succeeded, (await database.StatusAsync(Acme, quick))!.State);
        foreach (var id in (Guid[])[slow, waiting])
        {
            var status = (await database.StatusAsync(Acme, id))!;
            Assert.Equal((JobStates.Available, 0), (status.State, status.Attempts));
        }

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.attempts WHERE job_id = ANY ($1)", new[] { slow, waiting }));
    }

    [Fact]
    [Trait("Req", "I2")]
    public async Task Run_continues_the_trace_of_the_enqueuer()
    {
        var runs = new ConcurrentDictionary<string, Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Platform.Jobs" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.Kind == ActivityKind.Consumer)
                    runs[(string)activity.GetTagItem("messaging.message.id")!] = activity;
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null));

        Guid id;
        ActivityTraceId trace;
        using (var request = source.StartActivity("request")!)
        {
            trace = request.TraceId;
            id = await database.EnqueueAsync(Acme, new Work(1));
        }

        await Testing.Eventually.TrueAsync(() => runs.ContainsKey(id.ToString()));
        var run = runs[id.ToString()];
        Assert.Equal(trace, run.TraceId);
        Assert.Equal(Acme.ToString(), run.GetTagItem("tenant.id"));
        Assert.Equal("work", run.GetTagItem("messaging.destination.name"));
        Assert.Equal(JobStates.Succeeded, run.GetTagItem("job.outcome"));
    }
}
