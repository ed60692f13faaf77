using System.Diagnostics.Metrics;
using Platform.Testing;

namespace Platform.Caching.Tests;

public sealed class RefreshTests
{
    // So eager that practically every read in the last quarter of a lifetime is drawn.
    private static readonly Dictionary<string, string?> Eager = new()
    {
        ["Cache:EarlyRefresh"] = "100", ["Cache:Ttl:reports"] = "00:00:06", ["Cache:LocalTtl"] = "00:00:00.200",
    };

    [Fact, Trait("Req", "C6")]
    public async Task GetOrCreateAsync_refreshes_a_hot_entry_once_before_it_expires_while_others_get_the_old_value()
    {
        await using var one = await Replica.StartAsync(Eager);
        await using var other = await Replica.StartAsync(Eager);
        var key = Replica.Key(Replica.NewTenant());
        await one.Cache.GetOrCreateAsync(key, _ => Task.FromResult("old"));
        var refreshes = 0;
        var mayReturn = new TaskCompletionSource();
        async Task<string> ReadAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref refreshes);
            await mayReturn.Task;
            return "new";
        }

        var callers = new List<Task<Cached<string>>>();
        await Eventually.TrueAsync(() =>
        {
            callers.Add(one.Cache.GetOrCreateAsync(key, ReadAsync).AsTask());
            callers.Add(other.Cache.GetOrCreateAsync(key, ReadAsync).AsTask());
            return Volatile.Read(ref refreshes) > 0;
        });
        // One caller of both replicas refreshes; everybody else has the old value and doesn't wait for it.
        await Eventually.TrueAsync(() => callers.Count(caller => !caller.IsCompleted) == 1);
        Assert.All(callers.Where(caller => caller.IsCompleted), caller => Assert.Equal(new Cached<string>("old", true), caller.Result));
        Assert.Equal(1, refreshes);

        mayReturn.SetResult();
        Assert.Contains(await Task.WhenAll(callers), cached => cached == new Cached<string>("new", false));
        await Eventually.TrueAsync(async () => (await other.Cache.GetOrCreateAsync(key, ReadAsync)).Value == "new");
        Assert.Equal(1, refreshes);
    }

    [Fact, Trait("Req", "C6")]
    public async Task GetOrCreateAsync_whose_refresh_fails_gives_the_old_value()
    {
        await using var replica = await Replica.StartAsync(Eager);
        var key = Replica.Key(Replica.NewTenant());
        await replica.Cache.GetOrCreateAsync(key, _ => Task.FromResult("old"));
        var failures = 0;
        await Eventually.TrueAsync(async () =>
        {
            Assert.Equal("old", (await replica.Cache.GetOrCreateAsync<string>(key, _ =>
            {
                failures++;
                throw new InvalidDataException();
            })).Value);
            return failures > 0;
        });
    }

    [Fact, Trait("Req", "C6")]
    public async Task Values_over_the_threshold_are_compressed()
    {
        await using var one = await Replica.StartAsync();
        await using var other = await Replica.StartAsync();
        var tenant = Replica.NewTenant();
        var (small, large) = (new string('a', 900), string.Concat(Enumerable.Range(0, 5000).Select(number => $"contact {number}, ")));
        await one.Cache.GetOrCreateAsync(Replica.Key(tenant, "small"), _ => Task.FromResult(small));
        await one.Cache.GetOrCreateAsync(Replica.Key(tenant, "large"), _ => Task.FromResult(large));

        Assert.True(((byte[]?)await one.Database.StringGetAsync(Replica.Key(tenant, "small").Value))!.Length > 900);
        Assert.True(((byte[]?)await one.Database.StringGetAsync(Replica.Key(tenant, "large").Value))!.Length < large.Length / 2);
        Assert.Equal(new Cached<string>(large, true), await other.Cache.GetOrCreateAsync<string>(Replica.Key(tenant, "large"), _ => throw new InvalidOperationException()));
        Assert.Equal(new Cached<string>(small, true), await other.Cache.GetOrCreateAsync<string>(Replica.Key(tenant, "small"), _ => throw new InvalidOperationException()));
    }

    [Fact]
    public async Task Values_that_are_too_large_stay_out_of_redis()
    {
        await using var replica = await Replica.StartAsync(new() { ["Cache:MaxBytes"] = "1000" });
        var key = Replica.Key(Replica.NewTenant());
        await replica.Cache.GetOrCreateAsync(key, _ => Task.FromResult(new string('a', 2000)));
        Assert.False(await replica.Database.KeyExistsAsync(key.Value));
    }

    [Fact]
    public void CacheEntry_that_was_damaged_is_none()
    {
        long?[] versions = [1, 2];
        var entry = new CacheEntry(DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(7), [1, 2], new byte[3000]);
        var good = entry.Write(compressAbove: 1024);
        Assert.Equivalent(entry, CacheEntry.Read(good, versions), strict: true);
        Assert.Null(CacheEntry.Read(good, [1, 3]));
        Assert.Null(CacheEntry.Read(good, [1, null]));
        Assert.Null(CacheEntry.Read(good, [1]));
        Assert.Null(CacheEntry.Read(null, versions));
        for (var length = 0; length < good.Length; length++)
            Assert.Null(CacheEntry.Read(good[..length], versions));
        for (var seed = 0; seed < 2000; seed++)
        {
            var bytes = new byte[seed % 200];
            new Random(seed).NextBytes(bytes);
            _ = CacheEntry.Read(bytes, versions)?.ExpiresAt; // Whatever comes of it, it isn't an exception.
            var damaged = good.ToArray();
            damaged[seed % damaged.Length] ^= (byte)(1 + seed % 255);
            _ = CacheEntry.Read(damaged, versions)?.ExpiresAt;
        }
    }

    [Fact, Trait("Req", "C4")]
    public async Task Meters_count_hits_and_misses_by_kind()
    {
        var counts = new Dictionary<(string Name, object? Kind, object? Level), long>();
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
            object? Tag(string name, ReadOnlySpan<KeyValuePair<string, object?>> all)
            {
                foreach (var tag in all)
                {
                    if (tag.Key == name)
                        return tag.Value;
                }
                return null;
            }
            lock (counts)
            {
                var key = (instrument.Name, Tag("kind", tags), Tag("level", tags));
                counts[key] = counts.GetValueOrDefault(key) + value;
            }
        });
        meters.Start();
        await using var one = await Replica.StartAsync();
        await using var other = await Replica.StartAsync();
        // A kind no other test of this process uses.
        var key = Replica.Key(Replica.NewTenant(), kind: CacheKinds.BillingAnalytics);
        for (var read = 0; read < 10; read++)
            await one.Cache.GetOrCreateAsync(key, _ => Task.FromResult("value"));
        await other.Cache.GetOrCreateAsync(key, _ => Task.FromResult("value"));

        lock (counts)
        {
            Assert.Equal(1, counts[("redis_cache_misses_total", "billing.analytics", null)]);
            Assert.Equal(9, counts[("redis_cache_hits_total", "billing.analytics", "local")]);
            Assert.Equal(1, counts[("redis_cache_hits_total", "billing.analytics", "redis")]);
        }
    }
}
