using Microsoft.Extensions.DependencyInjection;
using Platform.Jobs.Engine;
using Platform.Testing;

namespace Platform.Jobs.Tests.Schedules;

[Trait("Req", "F4")]
public sealed class LeadershipTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private static readonly WorkHost.Handler Nothing = (_, _, _) => Task.FromResult<object?>(null);

    private Task<WorkHost> StartAsync(double leaseSeconds = 1.5) =>
        WorkHost.StartAsync(database, Nothing, options => options.LeaderLease = TimeSpan.FromSeconds(leaseSeconds));

    private static bool Leads(WorkHost host) => host.Services.GetRequiredService<Leadership>().Leads;

    [Fact]
    public async Task One_worker_leads_and_another_takes_over_at_once_when_it_stops()
    {
        await using var first = await StartAsync(60);
        await Eventually.TrueAsync(() => Leads(first));
        await using var second = await StartAsync();
        await database.ExecuteAsync("SELECT pg_sleep(0.2)");
        Assert.False(Leads(second));

        // Its lease would have gone on for a minute.
        await first.StopAsync();
        await Eventually.TrueAsync(() => Leads(second), TimeSpan.FromSeconds(5));
        Assert.False(Leads(first));
    }

    [Fact]
    public async Task Leader_that_was_killed_is_replaced_within_its_lease()
    {
        // What a killed leader leaves: a lease nobody renews.
        await database.ExecuteAsync(
            "UPDATE jobs.leader SET holder = gen_random_uuid(), name = 'killed', expires_at = clock_timestamp() + interval '2 s'");
        await using var host = await StartAsync();

        await Eventually.TrueAsync(() => Leads(host), TimeSpan.FromSeconds(5));
        Assert.True(await database.ScalarAsync<bool>("SELECT since >= clock_timestamp() - interval '5 s' AND name <> 'killed' FROM jobs.leader"));
    }

    [Fact]
    public async Task Leader_that_cannot_reach_the_database_stops_leading_and_leads_again_when_it_can()
    {
        await using var host = await StartAsync();
        await Eventually.TrueAsync(() => Leads(host));

        // A lock on the one row: renewing hangs, as it does behind a network that swallows packets.
        await using (var connection = await database.Admin.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using (var hold = new Npgsql.NpgsqlCommand("SELECT FROM jobs.leader FOR UPDATE", connection, transaction))
                await hold.ExecuteNonQueryAsync();
            await Eventually.TrueAsync(() => !Leads(host), TimeSpan.FromSeconds(5));
        }

        await Eventually.TrueAsync(() => Leads(host));
    }

    [Fact]
    public async Task Leader_whose_lease_was_taken_stops_leading()
    {
        await using var host = await StartAsync();
        await Eventually.TrueAsync(() => Leads(host));

        await database.ExecuteAsync("UPDATE jobs.leader SET holder = gen_random_uuid(), expires_at = clock_timestamp() + interval '3 s'");

        await Eventually.TrueAsync(() => !Leads(host), TimeSpan.FromSeconds(5));
        await Eventually.TrueAsync(() => Leads(host));
    }
}
