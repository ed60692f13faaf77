using System.Diagnostics;
using Platform.Api.Features.RateLimits;
using Platform.Testing;

namespace Platform.Api.Tests.RateLimits;

[Trait("Req", "E4")]
public sealed class RateLimitOutageTests
{
    private static readonly RateQuota Quota = new("test", 100, TimeSpan.FromHours(1));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Redis_lost_in_the_middle_leaves_the_limit_to_each_process_until_it_is_back(bool cut)
    {
        var garnet = await GarnetServer.GetAsync();
        await using var proxy = new Proxy(garnet.Port);
        await using var replica = await LimiterReplica.StartAsync(
            garnet.ConnectionString.Replace($":{garnet.Port},", $":{proxy.Port},", StringComparison.Ordinal), TimeSpan.FromSeconds(2));
        await using var other = await LimiterReplica.StartAsync();
        var key = $"test:{Guid.NewGuid()}";
        var (bucket, others) = (replica.Bucket(key, Quota), other.Bucket(key, Quota));
        Assert.Equal(60, (await bucket.TakeAsync(40)).Remaining);

        if (cut)
            proxy.Cut();
        else
            proxy.Hold();
        var clock = Stopwatch.StartNew();
        var allowed = 0;
        for (var index = 0; index < 500; index++)
            allowed += (await bucket.TakeAsync(1)).IsAllowed ? 1 : 0;

        // What this process knew to be used stays used, and nobody waits for long: when it hangs only the first, for one time-out.
        Assert.Equal(60, allowed);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(cut ? 10 : 4), $"500 decisions took {clock.Elapsed}");

        proxy.Mend();
        proxy.Release();
        var before = (await others.TakeAsync(0)).Remaining;
        await Eventually.TrueAsync(async () =>
        {
            // A bucket that knows of no refusal yet.
            await replica.Bucket(key, Quota).TakeAsync(1);
            return (await others.TakeAsync(0)).Remaining < before;
        }, TimeSpan.FromSeconds(30), "The shared count was never used again.");
    }

    [Fact]
    public async Task Redis_that_was_never_there_still_means_a_limit()
    {
        await using var replica = await LimiterReplica.StartAsync($"127.0.0.1:{PortFinder.FreePort()}", TimeSpan.FromMilliseconds(200));
        var bucket = replica.Bucket("test", Quota);
        var clock = Stopwatch.StartNew();

        var decisions = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(async () => await bucket.TakeAsync(1))));

        Assert.Equal(100, decisions.Count(decision => decision.IsAllowed));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"1000 decisions took {clock.Elapsed}");
    }

    [Fact, Trait("Req", "E2")]
    public async Task Block_is_kept_without_redis()
    {
        await using var replica = await LimiterReplica.StartAsync($"127.0.0.1:{PortFinder.FreePort()}", TimeSpan.FromMilliseconds(200));
        var bucket = replica.Bucket("test", new RateQuota("test", 2, TimeSpan.FromMilliseconds(100), block: TimeSpan.FromMinutes(1)));

        while ((await bucket.TakeAsync(2)).IsAllowed)
            await Task.Yield();

        Assert.False((await bucket.TakeAsync(1)).IsAllowed);
        Assert.InRange((await bucket.TakeAsync(1)).RetryAfter, 55_000_000, 60_000_000);
    }
}
