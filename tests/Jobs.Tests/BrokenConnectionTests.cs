using Npgsql;
using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

[Trait("Req", "F4")]
public sealed class BrokenConnectionTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    [Theory]
    [InlineData(false, JobStates.Succeeded)]
    [InlineData(true, "retrying")]
    public async Task End_that_was_stored_without_an_answer_is_told_once(bool fails, string told)
    {
        var connection = new NpgsqlConnectionStringBuilder(database.QueueConnectionString);
        await using var proxy = new Proxy(connection.Port);
        connection.Port = proxy.Port;
        var events = new RecordedEvents();
        var (running, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var host = await WorkHost.StartAsync(
            database,
            async (_, _, _) =>
            {
                running.TrySetResult();
                await mayEnd.Task;
                return fails ? throw new InvalidOperationException("Not this time.") : null;
            },
            options => options.ConnectionString = connection.ConnectionString,
            events);
        var id = await database.EnqueueAsync(Acme, new PatientWork(1));
        await running.Task.WaitAsync(TimeSpan.FromSeconds(10));

        proxy.HoldAnswers();
        mayEnd.SetResult();
        await Eventually.TrueAsync(() => database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM jobs.finished WHERE id = $1) OR EXISTS (SELECT FROM jobs.attempts WHERE job_id = $1)", id));
        proxy.Cut();
        proxy.Release();
        proxy.Mend();

        await Eventually.TrueAsync(() => events.Of(id).Any(e => e.State == told));
        Assert.Single(events.Of(id), e => e.State == told);
        Assert.Equal(1, (await database.StatusAsync(Acme, id))!.Attempts);
    }
}
