using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Platform.Caching.Tests;

public sealed class ExperimentTests
{
    [Theory, Trait("Req", "C9")]
    [InlineData(0)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void VariantOf_gives_the_share_and_always_the_same(double share)
    {
        var (experiment, again) = (new CacheExperiment { Share = share }, new CacheExperiment { Share = share });
        var tenant = Replica.NewTenant();
        var keys = Enumerable.Range(0, 4000).Select(number => Replica.Key(tenant, $"{number}").Value).ToList();

        Assert.All(keys, key => Assert.Equal(experiment.VariantOf(key), again.VariantOf(key)));
        Assert.InRange(keys.Count(key => experiment.VariantOf(key) == "b") / 4000.0, share - 0.04, share + 0.04);
    }

    [Fact, Trait("Req", "C9")]
    public async Task Each_variant_has_its_lifetime_and_is_counted_for_itself()
    {
        var counts = new Dictionary<(string, object?), long>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Platform.Caching")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "variant")
                {
                    lock (counts)
                        counts[(instrument.Name, tag.Value)] = counts.GetValueOrDefault((instrument.Name, tag.Value)) + value;
                }
            }
        });
        meters.Start();
        await using var replica = await Replica.StartAsync(new()
        {
            ["Cache:Experiments:session.roles:A"] = "00:01:00", ["Cache:Experiments:session.roles:B"] = "00:10:00",
        });
        var tenant = Replica.NewTenant();
        var experiment = new CacheExperiment();
        var lifetimes = new Dictionary<string, List<TimeSpan>> { ["a"] = [], ["b"] = [] };
        for (var number = 0; number < 40; number++)
        {
            var key = Replica.Key(tenant, $"{number}", CacheKinds.Roles);
            for (var round = 0; round < 3; round++)
                await replica.Cache.GetOrCreateAsync(key, _ => Task.FromResult("value"));
            lifetimes[experiment.VariantOf(key.Value)].Add((await replica.Database.KeyTimeToLiveAsync(key.Value))!.Value);
        }

        Assert.All(lifetimes["a"], time => Assert.InRange(time, TimeSpan.FromSeconds(40), TimeSpan.FromMinutes(1)));
        Assert.All(lifetimes["b"], time => Assert.InRange(time, TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(10)));
        foreach (var variant in new[] { "a", "b" })
        {
            Assert.Equal(lifetimes[variant].Count, counts[("redis_cache_misses_total", variant)]);
            Assert.Equal(lifetimes[variant].Count * 2, counts[("redis_cache_hits_total", variant)]);
        }
    }

    [Theory, Trait("Req", "C9")]
    [InlineData("Cache:Experiments:nothing:A", "00:01:00")]
    [InlineData("Cache:Experiments:reports:A", "00:01:00")]
    public async Task Experiment_that_makes_no_sense_is_refused_at_start(string name, string value) =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => Replica.StartAsync(new() { [name] = value }));
}
