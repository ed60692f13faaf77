using Platform.Tenancy;

namespace Platform.Caching.Tests;

public sealed class GetOrCreateTests
{
    private sealed record Contact(Guid Id, string Name, DateTimeOffset CreatedAt, string[] Labels);

    [Fact, Trait("Req", "C1")]
    public async Task GetOrCreateAsync_fetches_once_and_then_hits_here_and_in_other_replicas()
    {
        await using var one = await Replica.StartAsync();
        await using var other = await Replica.StartAsync();
        var key = Replica.Key(Replica.NewTenant());
        var source = new Source();

        Assert.Equal(new Cached<string>("first", false), await one.Cache.GetOrCreateAsync(key, source.ReadAsync));
        source.Value = "second";
        Assert.Equal(new Cached<string>("first", true), await one.Cache.GetOrCreateAsync(key, source.ReadAsync));
        Assert.Equal(new Cached<string>("first", true), await other.Cache.GetOrCreateAsync(key, source.ReadAsync));
        Assert.Equal(1, source.Reads);
    }

    [Fact, Trait("Req", "C1")]
    public async Task GetOrCreateAsync_brings_objects_over_unchanged()
    {
        await using var one = await Replica.StartAsync();
        await using var other = await Replica.StartAsync();
        var tenant = Replica.NewTenant();
        var contact = new Contact(Guid.CreateVersion7(), "Zoë \"Ω\"", DateTimeOffset.UtcNow, ["vip", new string('x', 5000)]);
        byte[] body = [0, 1, 2, 255];
        await one.Cache.GetOrCreateAsync(Replica.Key(tenant, "object"), _ => Task.FromResult(contact));
        await one.Cache.GetOrCreateAsync(Replica.Key(tenant, "bytes"), _ => Task.FromResult(body));

        var read = await other.Cache.GetOrCreateAsync<Contact>(Replica.Key(tenant, "object"), _ => throw new InvalidOperationException());
        Assert.Equivalent(contact, read.Value, strict: true);
        Assert.Equal(body, (await other.Cache.GetOrCreateAsync<byte[]>(Replica.Key(tenant, "bytes"), _ => throw new InvalidOperationException())).Value);
    }

    [Fact, Trait("Req", "C1")]
    public async Task GetOrCreateAsync_by_200_at_once_runs_one_fetch()
    {
        await using var replica = await Replica.StartAsync();
        var key = Replica.Key(Replica.NewTenant());
        var reads = 0;
        var gate = new TaskCompletionSource();
        async Task<string> ReadAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref reads);
            await gate.Task;
            return "value";
        }

        var callers = Enumerable.Range(0, 200).Select(_ => Task.Run(async () => await replica.Cache.GetOrCreateAsync(key, ReadAsync))).ToList();
        await Testing.Eventually.TrueAsync(() => Volatile.Read(ref reads) > 0);
        gate.SetResult();

        Assert.All(await Task.WhenAll(callers), cached => Assert.Equal("value", cached.Value));
        Assert.Equal(1, reads);
    }

    [Fact, Trait("Req", "C1")]
    public async Task GetOrCreateAsync_whose_fetching_caller_leaves_lets_another_fetch()
    {
        await using var replica = await Replica.StartAsync();
        var key = Replica.Key(Replica.NewTenant());
        using var leaving = new CancellationTokenSource();
        var entered = new TaskCompletionSource();
        var leader = replica.Cache.GetOrCreateAsync<string>(
            key,
            async cancellationToken =>
            {
                entered.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return "never";
            },
            leaving.Token).AsTask();
        await entered.Task;
        var follower = replica.Cache.GetOrCreateAsync(key, _ => Task.FromResult("mine")).AsTask();

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        Assert.Equal("mine", (await follower).Value);
    }

    [Fact]
    public async Task GetOrCreateAsync_passes_the_fetchs_error_on_and_keeps_nothing()
    {
        await using var replica = await Replica.StartAsync();
        var key = Replica.Key(Replica.NewTenant());
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await replica.Cache.GetOrCreateAsync<string>(key, _ => throw new InvalidDataException()));
        Assert.Equal(new Cached<string>("value", false), await replica.Cache.GetOrCreateAsync(key, _ => Task.FromResult("value")));
    }

    [Fact]
    public async Task GetOrCreateAsync_doesnt_keep_null()
    {
        await using var replica = await Replica.StartAsync();
        var key = Replica.Key(Replica.NewTenant());
        for (var round = 0; round < 3; round++)
            Assert.Equal(new Cached<string?>(null, false), await replica.Cache.GetOrCreateAsync<string?>(key, _ => Task.FromResult<string?>(null)));
        Assert.False(await replica.Database.KeyExistsAsync(key.Value));
    }

    [Fact, Trait("Req", "B3")]
    public async Task GetOrCreateAsync_keeps_tenants_apart_and_every_key_under_the_tenants_prefix()
    {
        await using var replica = await Replica.StartAsync();
        var (acme, globex) = (Replica.NewTenant(), Replica.NewTenant());
        Assert.Equal("acme's", (await replica.Cache.GetOrCreateAsync(Replica.Key(acme), _ => Task.FromResult("acme's"))).Value);
        Assert.Equal("globex's", (await replica.Cache.GetOrCreateAsync(Replica.Key(globex), _ => Task.FromResult("globex's"))).Value);
        Assert.Equal("acme's", (await replica.Cache.GetOrCreateAsync<string>(Replica.Key(acme), _ => throw new InvalidOperationException())).Value);

        var server = replica.Redis.GetServer(replica.Redis.GetEndPoints()[0]);
        var keys = server.Keys(pattern: $"*{acme}*").Select(key => (string?)key).ToList();
        // The entry, the tag, the tenant's own tag.
        Assert.Equal(3, keys.Count);
        Assert.All(keys, key => Assert.StartsWith($"t:{{{acme}}}:", key));
    }

    [Fact, Trait("Req", "B3")]
    public void CacheKey_refuses_a_tag_of_another_tenant()
    {
        var tenant = Replica.NewTenant();
        Assert.Throws<ArgumentException>(() => CacheKey.Create(tenant, CacheKinds.Reports, [CacheTag.For(Replica.NewTenant(), "contacts")], "1"));
        // The one without a value, too.
        Assert.Throws<ArgumentException>(() => CacheKey.Create(tenant, CacheKinds.Reports, [default], "1"));
    }

    [Fact, Trait("Req", "C7")]
    public void CacheKey_of_different_parts_is_never_the_same()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        string[][] parts =
        [
            [], [""], ["", ""], ["a"], ["a", "b"], ["a:b"], ["a", ":b"], ["a%3Ab"], ["%"], ["%", "%"], ["#"], ["a\nb"], ["a%0Ab"],
            [new string('x', 500)], [new string('x', 501)], [new string('x', 250), new string('x', 249)],
            ["#" + new string('A', 43)],
        ];
        var keys = parts.Select(list => CacheKey.Create(tenant, CacheKinds.Reports, [], list).ToString()).ToList();
        keys.Add(CacheKey.Create(tenant, CacheKinds.Roles, [], "a").ToString());
        keys.Add(CacheKey.Create(tenant, CacheKinds.Reports with { Version = 2 }, [], "a").ToString());
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.All(keys, key => Assert.True(key.Length < 250 && !key.Contains('\n', StringComparison.Ordinal)));
    }

    [Fact]
    public async Task GetOrCreateAsync_of_a_value_written_by_other_code_fetches()
    {
        await using var one = await Replica.StartAsync();
        await using var other = await Replica.StartAsync();
        var key = Replica.Key(Replica.NewTenant());
        await one.Cache.GetOrCreateAsync(key, _ => Task.FromResult("a text"));
        Assert.Equal(new Cached<int>(42, false), await other.Cache.GetOrCreateAsync(key, _ => Task.FromResult(42)));
    }

    [Fact, Trait("Req", "C3")]
    public async Task GetOrCreateAsync_spreads_lifetimes_below_the_kinds_own()
    {
        await using var replica = await Replica.StartAsync();
        var tenant = Replica.NewTenant();
        var lifetimes = new List<double>();
        for (var id = 0; id < 60; id++)
        {
            var key = Replica.Key(tenant, $"{id}", CacheKinds.Notifications);
            await replica.Cache.GetOrCreateAsync(key, _ => Task.FromResult("value"));
            lifetimes.Add((await replica.Database.KeyTimeToLiveAsync(key.Value))!.Value.TotalSeconds);
        }
        Assert.All(lifetimes, seconds => Assert.InRange(seconds, 20, 60));
        Assert.True(lifetimes.Max() - lifetimes.Min() > 10);
    }

    [Fact, Trait("Req", "C3")]
    public async Task GetOrCreateAsync_takes_a_kinds_time_from_the_settings()
    {
        await using var replica = await Replica.StartAsync(new() { ["Cache:Ttl:reports"] = "00:00:07" });
        var key = Replica.Key(Replica.NewTenant());
        await replica.Cache.GetOrCreateAsync(key, _ => Task.FromResult("value"));
        Assert.InRange((await replica.Database.KeyTimeToLiveAsync(key.Value))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(7));
    }

    [Theory, Trait("Req", "C3")]
    [InlineData("Cache:Ttl:report", "00:05:00")]
    [InlineData("Cache:Ttl:reports", "-00:05:00")]
    [InlineData("Cache:Timeout", "00:10:00")]
    public async Task Settings_that_make_no_sense_stop_the_start(string name, string value) =>
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => Replica.StartAsync(new() { [name] = value }));

    [Fact, Trait("Req", "C3")]
    public void CacheKinds_has_the_times_that_were_asked_for()
    {
        var minutes = CacheKinds.All.ToDictionary(kind => kind.Key, kind => kind.Value.Ttl.TotalMinutes);
        Assert.Equivalent(
            new Dictionary<string, double>
            {
                ["events.list"] = 5, ["events.detail"] = 10, ["professionals"] = 15, ["user.profile"] = 30, ["notifications"] = 1,
                ["reports"] = 5, ["conversations.status"] = 1, ["connections.health"] = 2, ["session.agents"] = 5, ["session.teams"] = 5,
                ["session.roles"] = 10, ["user.subscription"] = 5, ["billing.settings"] = 5, ["billing.analytics"] = 2,
                ["tenant.settings"] = 5, ["tenant.plan"] = 5, ["permissions"] = 1,
            },
            minutes,
            strict: true);
    }
}
