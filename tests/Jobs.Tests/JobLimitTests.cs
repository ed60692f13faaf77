using System.Text.Json;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

/// <summary>What a job is enqueued with, up to its limits.</summary>
public sealed class JobLimitTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    [Fact]
    [Trait("Req", "F1")]
    public async Task Payload_of_a_megabyte_is_run_as_it_was_enqueued()
    {
        const int Limit = 1024 * 1024;
        var empty = JsonSerializer.SerializeToUtf8Bytes(new { number = 1, name = "" }).Length;
        var name = new string('x', Limit - empty);
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) => Task.FromResult<object?>(new { same = ((Work)payload).Name == name }));

        var one = await database.EnqueueAsync(Acme, new Work(1, name));
        var many = await database.EnqueueManyAsync(Acme, [new Work(1, name), new Work(1, name)]);

        foreach (var id in (Guid[])[one, .. many])
            Assert.True((await database.WaitForAsync(Acme, id, JobStates.Succeeded)).Result!.Value.GetProperty("same").GetBoolean());
        Assert.Equal(Limit, await database.ScalarAsync<int>("SELECT octet_length(payload::text) FROM jobs.job WHERE id = $1", one));
        await Assert.ThrowsAsync<JobException>(() => database.EnqueueAsync(Acme, new Work(1, name + "x")));
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task Types_priority_holds_unless_the_job_has_its_own()
    {
        var (types, own) = (await database.EnqueueAsync(Acme, new UrgentWork(1)), await database.EnqueueAsync(Acme, new UrgentWork(2), new JobOptions { Priority = 99 }));
        var many = await database.EnqueueManyAsync(Acme, [new UrgentWork(3)]);

        Assert.Equal("10 99 10", await database.ScalarAsync<string>(
            "SELECT string_agg(p.priority::text, ' ' ORDER BY p.seq) FROM jobs.pending p WHERE id = ANY ($1)", new[] { types, own, many[0] }));
        await database.ExecuteAsync("DELETE FROM jobs.pending WHERE id = ANY ($1)", new[] { types, own, many[0] });
    }
}
