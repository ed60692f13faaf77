using System.Diagnostics;
using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests.Shutdown;

[Trait("Req", "F10")]
[Trait("Req", "J1")]
public sealed class ShutdownTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private const string RunningKinds = """
        SELECT count(DISTINCT j.payload ->> 'isDeaf') FROM jobs.pending p
        JOIN jobs.workers w ON w.id = p.worker JOIN jobs.job j ON j.id = p.id
        WHERE w.name LIKE '%:' || $1 AND (j.payload ->> 'milliseconds')::int > 1000
        """;

    /// <summary>Long ones stop when asked and are run again; deaf ones go on after the worker has given them up, to the end of its process.</summary>
    private static readonly ShutdownWork[] Work =
    [
        .. Enumerable.Range(0, 6).SelectMany(_ => (ShutdownWork[])
        [
            new(3000, IsDeaf: true), .. Enumerable.Repeat(new ShutdownWork(1200), 3), .. Enumerable.Repeat(new ShutdownWork(20), 400),
        ]),
    ];

    [Fact]
    public async Task Workers_asked_to_stop_under_load_lose_no_job_and_count_none_as_failed()
    {
        await using var first = WorkerProgram.Start(database);
        await using var second = WorkerProgram.Start(database);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.workers") == 2, TimeSpan.FromSeconds(20), "The workers never came.");
        foreach (var tenant in new[] { Acme, Globex })
            await database.EnqueueManyAsync(tenant, Work);

        var left = await StopOneAsync(first, second);
        await using var third = WorkerProgram.Start(database);
        left = await StopOneAsync(left, third);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.pending") == 0, TimeSpan.FromSeconds(40), "Jobs are left.");

        // A run that was handed back cost no attempt, so all have had one; and no attempt has failed.
        Assert.Equal($"{Work.Length * 2} succeeded at attempt 1", await database.ScalarAsync<string>(
            """
            SELECT string_agg(format('%s %s at attempt %s', n, state, attempt), ', ')
            FROM (SELECT count(*) AS n, state, attempt FROM jobs.finished WHERE error IS NULL GROUP BY state, attempt) f
            """));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.attempts"));
        await left.TerminateAsync(WorkerProgram.Grace);
        Assert.Equal(0, left.ExitCode);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.workers"));
        Assert.Equal($"{Work.Length * 2}", await database.ScalarAsync<string>("SELECT sum(completed)::text FROM jobs.statistics WHERE queue = 'shutdown'"));
    }

    /// <summary>Asks the first of them in which long and deaf jobs run to stop, while others wait.</summary>
    /// <returns>The other one.</returns>
    private async Task<ChildProcess> StopOneAsync(ChildProcess one, ChildProcess other)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                if (await HasBothAsync(other))
                    (one, other) = (other, one);
                return await HasBothAsync(one);
            },
            TimeSpan.FromSeconds(20), "No worker had both kinds.");
        var clock = Stopwatch.StartNew();
        await one.TerminateAsync(WorkerProgram.Grace);

        Assert.Equal(0, one.ExitCode);
        Assert.True(clock.Elapsed > WorkerProgram.Drain, $"It left its jobs no time: {clock.Elapsed}.");
        Assert.True(await database.ScalarAsync<long>("SELECT count(*) FROM jobs.pending") > 0, "There was no load.");
        return other;
    }

    private async Task<bool> HasBothAsync(ChildProcess worker) => await database.ScalarAsync<long>(RunningKinds, $"{worker.Id}") == 2;
}
