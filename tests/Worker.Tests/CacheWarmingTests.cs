using Microsoft.Extensions.DependencyInjection;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Worker.CacheWarming;
using StackExchange.Redis;

namespace Platform.Worker.Tests;

public sealed class CacheWarmingTests
{
    [Fact]
    [Trait("Req", "F9")]
    public async Task Job_asks_once_until_somebody_has_taken_the_request()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await PlatformHost.StartAsync(database, builder => builder.AddCacheWarming());
        var redis = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        await redis.KeyDeleteAsync("cache:warm-up-request");

        Assert.Equal("asked", await RunAsync());
        Assert.Contains("not been taken", await RunAsync(), StringComparison.Ordinal);
        Assert.True(await redis.KeyDeleteAsync("cache:warm-up-request"));
        Assert.Equal("asked", await RunAsync());

        async Task<string?> RunAsync() =>
            (await database.WaitForAsync(PlatformTenant.Id, await host.EnqueueAsync(new WarmCache()), JobStates.Succeeded))
            .Result!.Value.GetProperty("outcome").GetString();
    }
}
