using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Caching.Tests;

public sealed class WarmUpTests
{
    [Fact, Trait("Req", "C6")]
    public async Task Hot_entries_of_the_tenants_active_last_are_there_before_anybody_asks()
    {
        var tenants = Enumerable.Range(0, 3).Select(_ => Replica.NewTenant()).ToList();
        await using (var before = await Replica.StartAsync())
        {
            foreach (var tenant in tenants)
                await before.Cache.GetOrCreateAsync(Replica.Key(tenant), _ => Task.FromResult("before"));
        }

        var warmed = new ConcurrentDictionary<TenantId, bool>();
        TenantCache? cache = null;
        var warmer = new CacheWarmer("test", async (services, cancellationToken) =>
        {
            var tenant = services.GetRequiredService<TenantContext>().Current;
            cache = services.GetRequiredService<TenantCache>();
            await cache.GetOrCreateAsync(Replica.Key(tenant, "hot"), _ => Task.FromResult("hot"), cancellationToken);
            warmed[tenant] = true;
        });
        await using var after = await Replica.StartAsync(warmers: [warmer]);
        await Eventually.TrueAsync(() => tenants.TrueForAll(warmed.ContainsKey));

        foreach (var tenant in tenants)
            Assert.True((await after.Cache.GetOrCreateAsync(Replica.Key(tenant, "hot"), _ => Task.FromResult("late"))).IsHit);
    }

    [Fact, Trait("Req", "C6")]
    public async Task Warm_up_ends_when_its_time_is_over_and_a_failure_stops_nothing()
    {
        await using (var before = await Replica.StartAsync())
        {
            await before.Cache.GetOrCreateAsync(Replica.Key(Replica.NewTenant()), _ => Task.FromResult("before"));
        }
        var ended = new TaskCompletionSource();
        var failing = new CacheWarmer("failing", (_, _) => throw new InvalidDataException());
        var endless = new CacheWarmer("endless", async (_, cancellationToken) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                ended.TrySetResult();
            }
        });

        // The start itself doesn't wait for it.
        await using var after = await Replica.StartAsync(new() { ["Cache:WarmUpTime"] = "00:00:01" }, warmers: [failing, endless]);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("value", (await after.Cache.GetOrCreateAsync(Replica.Key(Replica.NewTenant()), _ => Task.FromResult("value"))).Value);
    }

    [Fact, Trait("Req", "F9")]
    public async Task Request_is_taken_by_one_of_the_replicas_which_warms_again()
    {
        // A server of its own: others warm, too.
        await using var garnet = await Embedded.EmbeddedGarnet.StartAsync(new() { Ephemeral = true });
        var warmed = new ConcurrentQueue<int>();
        CacheWarmer Warmer(int replica) => new("test", (_, _) =>
        {
            warmed.Enqueue(replica);
            return Task.CompletedTask;
        });
        var settings = new Dictionary<string, string?> { ["Cache:WarmUpPoll"] = "00:00:00.05" };
        await using var asking = await Replica.StartAsync(settings, garnet.ConnectionString);
        await asking.Cache.GetOrCreateAsync(Replica.Key(Replica.NewTenant()), _ => Task.FromResult("active"));
        await asking.ActiveTenants.FlushAsync();
        await using var one = await Replica.StartAsync(settings, garnet.ConnectionString, Warmer(1));
        await using var two = await Replica.StartAsync(settings, garnet.ConnectionString, Warmer(2));
        await Eventually.TrueAsync(() => warmed.Count == 2);

        for (var time = 0; time < 5; time++)
        {
            Assert.True(await asking.WarmUpRequests.AskAsync());
            await Eventually.TrueAsync(() => warmed.Count == 3 + time);
        }
    }

    [Fact, Trait("Req", "F9")]
    public async Task Request_nobody_takes_stays_one()
    {
        await using var garnet = await Embedded.EmbeddedGarnet.StartAsync(new() { Ephemeral = true });
        await using var asking = await Replica.StartAsync(new() { ["Cache:WarmUpPoll"] = "00:00:00.05" }, garnet.ConnectionString);

        Assert.True(await asking.WarmUpRequests.AskAsync());
        Assert.False(await asking.WarmUpRequests.AskAsync());
        Assert.True(await asking.WarmUpRequests.TryTakeAsync(default));
        Assert.False(await asking.WarmUpRequests.TryTakeAsync(default));
    }

    [Fact, Trait("Req", "C6")]
    public async Task Only_so_many_tenants_are_remembered()
    {
        await using var replica = await Replica.StartAsync(new() { ["Cache:WarmUpTenants"] = "5" });
        for (var number = 0; number < 40; number++)
            await replica.Cache.GetOrCreateAsync(Replica.Key(Replica.NewTenant()), _ => Task.FromResult("value"));
        await replica.ActiveTenants.FlushAsync();

        Assert.InRange(await replica.Database.SortedSetLengthAsync(ActiveTenants.Key), 5, 20);
        Assert.Equal(5, (await replica.ActiveTenants.ReadAsync(5, default)).Count);
    }
}
