using System.Diagnostics;
using Platform.Testing;

namespace Platform.Caching.Tests;

public sealed class FailureTests
{
    [Fact, Trait("Req", "C5")]
    public async Task GetOrCreateAsync_without_redis_fetches_and_doesnt_wait()
    {
        await using var replica = await Replica.StartAsync(
            new() { ["Cache:Timeout"] = "00:00:00.200", ["Cache:LocalTtlWithoutRedis"] = "00:00:00" }, $"127.0.0.1:{PortFinder.FreePort()}");
        var source = new Source();
        var key = Replica.Key(Replica.NewTenant());
        await replica.Cache.GetOrCreateAsync(key, source.ReadAsync);

        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 300; round++)
            Assert.Equal(new Cached<string>("first", false), await replica.Cache.GetOrCreateAsync(key, source.ReadAsync));
        await replica.Cache.InvalidateAsync(Replica.Tag(key.Tenant));

        Assert.Equal(301, source.Reads);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"300 reads took {clock.Elapsed}");
    }

    [Fact, Trait("Req", "C5")]
    public async Task GetOrCreateAsync_with_a_redis_that_hangs_waits_once_and_recovers_by_itself()
    {
        await using var proxy = new Proxy((await GarnetServer.GetAsync()).Port);
        await using var replica = await Replica.StartAsync(
            new() { ["Cache:Timeout"] = "00:00:02", ["Cache:LocalTtl"] = "00:00:00", ["Cache:LocalTtlWithoutRedis"] = "00:00:00" },
            await ThroughAsync(proxy));
        var tenant = Replica.NewTenant();
        var source = new Source();
        await Eventually.TrueAsync(async () =>
            (await replica.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync)).IsHit);

        proxy.Hold();
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 500; round++)
            Assert.Equal("first", (await replica.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync)).Value);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4), $"500 reads took {clock.Elapsed}");

        proxy.Release();
        await Eventually.TrueAsync(async () =>
            (await replica.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync)).IsHit, TimeSpan.FromSeconds(20));
    }

    [Fact, Trait("Req", "C2")]
    public async Task InvalidateAsync_while_redis_is_away_is_made_up_for()
    {
        await using var proxy = new Proxy((await GarnetServer.GetAsync()).Port);
        await using var cut = await Replica.StartAsync(redis: await ThroughAsync(proxy));
        await using var other = await Replica.StartAsync();
        var tenant = Replica.NewTenant();
        var key = Replica.Key(tenant);
        var source = new Source();
        await cut.Cache.GetOrCreateAsync(key, source.ReadAsync);
        Assert.True((await other.Cache.GetOrCreateAsync(key, source.ReadAsync)).IsHit);

        proxy.Cut();
        source.Value = "second";
        await cut.Cache.InvalidateAsync(Replica.Tag(tenant));
        // Where it was written it is seen at once, although Redis has the old value.
        Assert.Equal("second", (await cut.Cache.GetOrCreateAsync(key, source.ReadAsync)).Value);
        proxy.Mend();

        await Eventually.TrueAsync(
            async () => (await other.Cache.GetOrCreateAsync(key, source.ReadAsync)).Value == "second", TimeSpan.FromSeconds(30));
        Assert.Equal("second", (await cut.Cache.GetOrCreateAsync(key, source.ReadAsync)).Value);
    }

    [Fact, Trait("Req", "C2")]
    public async Task Replica_that_was_cut_off_doesnt_serve_what_was_invalidated_meanwhile()
    {
        await using var proxy = new Proxy((await GarnetServer.GetAsync()).Port);
        await using var cut = await Replica.StartAsync(new() { ["Cache:LocalTtl"] = "00:05:00" }, await ThroughAsync(proxy));
        await using var other = await Replica.StartAsync();
        var tenant = Replica.NewTenant();
        var source = new Source();
        await Eventually.TrueAsync(() => cut.Invalidator.IsListening);
        await cut.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync);

        proxy.Cut();
        await Eventually.TrueAsync(() => !cut.Invalidator.IsListening);
        source.Value = "second";
        await other.Cache.InvalidateAsync(Replica.Tag(tenant));
        Assert.Equal("second", (await cut.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync)).Value);

        proxy.Mend();
        await Eventually.TrueAsync(() => cut.Invalidator.IsListening, TimeSpan.FromSeconds(30));
        Assert.Equal("second", (await cut.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync)).Value);
    }

    [Theory, Trait("Req", "C5")]
    [InlineData("Cache:Enabled", "false")]
    [InlineData("REDIS_CACHE_ENABLED", "0")]
    [InlineData("REDIS_CACHE_ENABLED", "false")]
    public async Task Switched_off_cache_fetches_each_time_and_still_invalidates_for_the_others(string name, string value)
    {
        await using var off = await Replica.StartAsync(new() { [name] = value });
        await using var on = await Replica.StartAsync();
        var tenant = Replica.NewTenant();
        var source = new Source();
        await on.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync);

        source.Value = "second";
        Assert.Equal(new Cached<string>("second", false), await off.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync));
        await off.Cache.InvalidateAsync(Replica.Tag(tenant));
        await Eventually.TrueAsync(async () =>
            (await on.Cache.GetOrCreateAsync(Replica.Key(tenant), source.ReadAsync)).Value == "second");
    }

    private static async Task<string> ThroughAsync(Proxy proxy) =>
        (await GarnetServer.GetAsync()).ConnectionString.Replace($":{(await GarnetServer.GetAsync()).Port},", $":{proxy.Port},", StringComparison.Ordinal);
}
