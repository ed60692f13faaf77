using Microsoft.Extensions.Hosting;
using Platform.Testing;
using Platform.Worker.Backup;
using Platform.Worker.CacheWarming;
using Platform.Worker.CleanUp;

namespace Platform.Worker.Tests;

[Trait("Req", "F2")]
public sealed class PlatformSchedulesTests
{
    [Fact]
    public async Task Worker_declares_its_jobs_schedules_and_backups_only_where_they_go_somewhere()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using (await PlatformHost.StartScheduledAsync(database, Add))
            await HasAsync(database, "clean up 7 * * * *, warm the cache */5 * * * *");
        await using (await PlatformHost.StartScheduledAsync(
            database, Add, settings: [("Backup:Directory", "/somewhere"), ("CleanUp:Schedule", ""), ("CacheWarming:Schedule", "@hourly")]))
            await HasAsync(database, "back up 20 2 * * *, warm the cache @hourly");
    }

    [Fact]
    [Trait("Req", "B5")]
    public async Task Worker_of_a_placed_tenants_queue_leaves_them_to_the_others()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var placed = await WorkerDatabase.CreateAsync();
        await using var host = await PlatformHost.StartScheduledAsync(
            database,
            builder =>
            {
                Add(builder);
                Assert.DoesNotContain(builder.Services, service => service.ImplementationInstance is { } it && it.GetType().Name == "ScheduleSettings");
            },
            queue: placed.QueueConnectionString,
            ("ConnectionStrings:platform-queue", placed.QueueConnectionString), ("ConnectionStrings:placed", placed.AppConnectionString),
            ($"Shards:Tenants:{WorkerDatabase.Globex}", "placed"), ("Backup:Directory", "/somewhere"));
    }

    private static void Add(IHostApplicationBuilder builder)
    {
        builder.AddCleanUp();
        builder.AddBackup();
        builder.AddCacheWarming();
    }

    private static Task HasAsync(WorkerDatabase database, string expected) => Eventually.TrueAsync(
        async () => await database.ScalarAsync<string>(
            "SELECT COALESCE(string_agg(name || ' ' || cron, ', ' ORDER BY name), '') FROM jobs.schedules WHERE next_due IS NOT NULL") == expected,
        TimeSpan.FromSeconds(30), $"The schedules never were {expected}.");
}
