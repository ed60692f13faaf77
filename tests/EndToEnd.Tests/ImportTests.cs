using System.Diagnostics;
using System.Net;
using Platform.Testing;

namespace Platform.EndToEnd.Tests;

[Collection(PlatformCollection.Name)]
public sealed class ImportTests(PlatformFixture platform)
{
    private static readonly TimeSpan JobTimeout = TimeSpan.FromMinutes(1);

    [Fact]
    [Trait("Req", "A6")]
    [Trait("Req", "F9")]
    public async Task Import_ten_thousand_dirty_rows_takes_the_good_and_explains_the_rest()
    {
        // The tenant that has only its demo contacts, so that counts are exact whatever other tests do.
        using var globex = await platform.SignInAsync(PlatformFixture.GlobexAdmin);
        using var acme = await platform.SignInAsync(PlatformFixture.AcmeAdmin);
        var (imported, rejected) = Samples.Contacts10kExpected;
        var (before, acmeBefore) = (await globex.CountContactsAsync(), await acme.CountContactsAsync());
        await using var events = await EventStream.OpenAsync(platform, globex);

        var clock = Stopwatch.StartNew();
        var (importId, jobId) = await globex.ImportAsync(await File.ReadAllBytesAsync(Samples.Contacts10k), "contacts-10k.csv");
        var job = await globex.FinishedJobAsync(jobId, JobTimeout);

        Assert.Equal("succeeded", job.GetProperty("state").GetString());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"Upload and import took {clock.Elapsed.TotalSeconds:0.0} s.");
        Assert.Equal(100, job.GetProperty("progress").GetProperty("percent").GetInt32());
        Assert.Equal(imported, job.GetProperty("result").GetProperty("imported").GetInt32());
        Assert.Equal(rejected, job.GetProperty("result").GetProperty("rejected").GetInt32());
        Assert.Equal(before + imported, await globex.CountContactsAsync());

        using (var answer = await globex.GetAsync(new Uri($"/api/imports/{importId}/rejected.csv", UriKind.Relative)))
        {
            Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
            var lines = await answer.Content.ReadAsStringAsync();
            Assert.Contains("reason", lines.Split('\n')[0], StringComparison.OrdinalIgnoreCase);
            Assert.Contains("duplicate_email", lines, StringComparison.Ordinal);
        }

        var progress = await events.ReadUntilAsync("job.succeeded", JobTimeout);
        Assert.Contains(progress, e => e.Type == "import.progress");
        Assert.Contains(progress, e => e.Type == "import.completed" && e.Data.GetProperty("imported").GetInt32() == imported);

        foreach (var path in new[] { $"/api/imports/{importId}", $"/api/imports/{importId}/rejected.csv", $"/api/jobs/{jobId}/status" })
        {
            using var foreign = await acme.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        }
        Assert.Equal(acmeBefore, await acme.CountContactsAsync());
    }

    [Fact]
    [Trait("Req", "J4")]
    public async Task Import_a_hundred_thousand_rows_keeps_the_workers_memory_flat()
    {
        using var api = await platform.SignInAsync(PlatformFixture.AcmeAdmin);
        var (_, warmUp) = await api.ImportAsync(Samples.Rows(10_000));
        await api.FinishedJobAsync(warmUp, JobTimeout);
        var worker = await platform.ProcessIdAsync("worker");
        var before = Processes.ResidentBytes(worker);

        var (_, job) = await api.ImportAsync(Samples.Rows(100_000));
        var status = await api.FinishedJobAsync(job, TimeSpan.FromMinutes(2));

        Assert.Equal("succeeded", status.GetProperty("state").GetString());
        Assert.Equal(100_000, status.GetProperty("result").GetProperty("imported").GetInt32());
        var growth = Processes.ResidentBytes(worker) - before;
        Assert.True(growth < 100 * 1024 * 1024, $"The worker's memory grew by {growth / (1024 * 1024)} MiB.");
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Import_worker_killed_halfway_loses_and_doubles_nothing()
    {
        const int Rows = 40_000;
        using var api = await platform.SignInAsync(PlatformFixture.AcmeAdmin);
        var before = await api.CountContactsAsync();
        var first = await platform.ProcessIdAsync("worker");

        var (_, job) = await api.ImportAsync(Samples.Rows(Rows));
        await Eventually.TrueAsync(
            async () => (await api.GetJsonAsync($"/api/jobs/{job}/status")).GetProperty("progress").GetProperty("done").GetInt64() > 0,
            JobTimeout,
            "The import never reported progress.");
        Processes.Kill(first);
        await platform.WaitForStateAsync("worker", "Exited", "Finished", "Terminated");

        await platform.Application.ResourceCommands.ExecuteCommandAsync("worker", "start");
        await platform.Application.ResourceNotifications.WaitForResourceHealthyAsync("worker").WaitAsync(JobTimeout);
        var status = await api.FinishedJobAsync(job, TimeSpan.FromMinutes(2));

        Assert.Equal("succeeded", status.GetProperty("state").GetString());
        Assert.Equal(2, status.GetProperty("attempts").GetInt32());
        Assert.Equal(Rows, status.GetProperty("result").GetProperty("imported").GetInt32());
        Assert.Equal(0, status.GetProperty("result").GetProperty("rejected").GetInt32());
        Assert.Equal(before + Rows, await api.CountContactsAsync());
        Assert.NotEqual(first, await platform.ProcessIdAsync("worker"));
    }
}
