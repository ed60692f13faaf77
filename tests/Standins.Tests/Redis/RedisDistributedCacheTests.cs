using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Standins.Tests.Redis;

[Trait("Req", "C1")]
public sealed class RedisDistributedCacheTests : IAsyncLifetime
{
    private readonly string _key = $"distributed-cache:{Guid.NewGuid():N}";
    private IHost _host = null!;

    private IDistributedCache Cache => _host.Services.GetRequiredService<IDistributedCache>();

    private IDatabase Database => _host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration["ConnectionStrings:redis"] = (await GarnetServer.GetAsync()).ConnectionString + ",connectTimeout=30000";
        builder.AddRedisDistributedCache("redis");
        _host = builder.Build();
        await _host.StartAsync();
    }

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Get_returns_what_was_set()
    {
        await Cache.SetAsync(_key, [1, 2, 3], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });

        Assert.Equal(new byte[] { 1, 2, 3 }, await Cache.GetAsync(_key));
        Assert.Equal(new byte[] { 1, 2, 3 }, Cache.Get(_key));
    }

    [Fact]
    public async Task Get_unknown_key_returns_null()
    {
        Assert.Null(await Cache.GetAsync(_key));
        Assert.Null(Cache.Get(_key));
    }

    [Fact]
    public async Task Set_empty_value_is_found_again()
    {
        Cache.Set(_key, [], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(1) });

        Assert.Empty((await Cache.GetAsync(_key))!);
    }

    [Fact]
    public async Task Set_absolute_expiration_is_the_keys_lifetime()
    {
        await Cache.SetStringAsync(_key, "x", new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(60) });

        Assert.InRange((await Database.KeyTimeToLiveAsync(_key))!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Set_without_expiration_stays_also_over_an_entry_that_expires()
    {
        await Cache.SetStringAsync(_key, "x", new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(60) });
        await Cache.SetStringAsync(_key, "y", new DistributedCacheEntryOptions());

        Assert.Null(await Database.KeyTimeToLiveAsync(_key));
        await Cache.RemoveAsync(_key);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Use_of_a_sliding_entry_prolongs_it(bool get)
    {
        await Cache.SetStringAsync(_key, "x", new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10) });
        await Database.KeyExpireAsync(_key, TimeSpan.FromSeconds(5));

        if (get)
            await Cache.GetAsync(_key);
        else
            await Cache.RefreshAsync(_key);

        Assert.InRange((await Database.KeyTimeToLiveAsync(_key))!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task Use_of_a_sliding_entry_never_prolongs_it_beyond_its_absolute_end()
    {
        await Cache.SetStringAsync(_key, "x", new DistributedCacheEntryOptions
        {
            SlidingExpiration = TimeSpan.FromMinutes(10),
            AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(2),
        });

        await Cache.RefreshAsync(_key);

        Assert.InRange((await Database.KeyTimeToLiveAsync(_key))!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Set_end_in_the_past_is_rejected()
    {
        var past = new DistributedCacheEntryOptions { AbsoluteExpiration = DateTimeOffset.UnixEpoch };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Cache.SetAsync(_key, [1], past));
    }

    [Fact]
    public async Task Remove_forgets_the_entry()
    {
        Cache.Set(_key, Encoding.UTF8.GetBytes("x"), new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(1) });

        await Cache.RemoveAsync(_key);

        Assert.Null(await Cache.GetAsync(_key));
    }
}
