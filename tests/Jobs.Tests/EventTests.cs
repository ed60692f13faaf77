using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

/// <summary>Whoever watches a job hears that it runs, and what becomes of it.</summary>
[Trait("Req", "F7")]
public sealed class EventTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    [Fact]
    public async Task Run_that_lasts_is_told_once_and_so_is_what_becomes_of_a_job_that_is_put_back()
    {
        var events = new RecordedEvents();
        await using var host = await WorkHost.StartAsync(
            database,
            async (payload, context, token) =>
            {
                if (((Work)payload).Number == 0)
                    throw new SnoozeJobException(TimeSpan.FromHours(1));
                if (((Work)payload).Number == 2)
                    return null;
                await Testing.Eventually.TrueAsync(() => events.Of(context.JobId).Count > 0);
                await context.ReportProgressAsync(1, 2, token);
                throw new SnoozeJobException(TimeSpan.FromHours(1));
            },
            events: events);

        var (snoozed, lasting, quick) = (
            await database.EnqueueAsync(Acme, new Work(0)), await database.EnqueueAsync(Acme, new Work(1)), await database.EnqueueAsync(Acme, new Work(2)));
        await database.WaitForAsync(Acme, quick, JobStates.Succeeded);
        await Testing.Eventually.TrueAsync(() => events.Of(lasting).Count == 3 && events.Of(snoozed).Count == 1 && events.Of(quick).Count == 1);

        Assert.Equal((JobStates.Scheduled, JobStates.Succeeded), (events.Of(snoozed).Single().State, events.Of(quick).Single().State));
        Assert.Equal(
            [(JobStates.Running, true, 0L), (JobStates.Running, false, 1L), (JobStates.Scheduled, false, 1L)],
            events.Of(lasting).Select(e => (e.State, e.IsStart, e.Progress.Done)));
        Assert.Equal(JobStates.Scheduled, (await database.StatusAsync(Acme, lasting))!.State);
    }

    [Fact]
    public async Task Job_handed_back_when_its_worker_stops_is_told_if_its_start_was()
    {
        var events = new RecordedEvents();
        var host = await WorkHost.StartAsync(
            database, async (_, _, token) =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return null;
            },
            options => options.Drain = TimeSpan.Zero, events);
        var id = await database.EnqueueAsync(Globex, new Work(1));
        await Testing.Eventually.TrueAsync(() => events.Of(id).Count == 1);

        await host.DisposeAsync();

        Assert.Equal([(JobStates.Running, true), (JobStates.Available, false)], events.Of(id).Select(e => (e.State, e.IsStart)));
        Assert.Equal(JobStates.Available, (await database.StatusAsync(Globex, id))!.State);
        await database.CancelAsync(Globex, id);
    }
}
