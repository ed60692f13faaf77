using System.Diagnostics;
using System.Text.Json;
using Platform.Tenancy;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Events.Tests;

public sealed class PublishTests
{
    [Fact, Trait("Req", "G3")]
    public async Task PublishAsync_by_many_at_once_gives_numbers_that_grow_by_one()
    {
        await using var one = await Bus.StartAsync();
        await using var other = await Bus.StartAsync();
        var tenant = Bus.NewTenant();

        var numbers = await Task.WhenAll(Enumerable.Range(0, 400).Select(async number =>
            await (number % 2 == 0 ? one : other).Events.PublishAsync(tenant, Bus.Event(number))));

        var sorted = numbers.Order().ToList();
        Assert.Equal(Enumerable.Range(0, 400).Select(offset => sorted[0] + offset), sorted);
        Assert.True(sorted[0] > 0);
    }

    [Fact, Trait("Req", "G4")]
    public async Task PublishAsync_is_one_step_for_those_who_read_meanwhile()
    {
        await using var one = await Bus.StartAsync();
        await using var other = await Bus.StartAsync();
        await using var reading = await Bus.StartAsync();
        var tenant = Bus.NewTenant();
        var first = (await reading.Window.ReadAsync(tenant, null)).LastId;
        var publishing = Task.WhenAll(Enumerable.Range(0, 8).Select(publisher => Task.Run(async () =>
        {
            for (var number = 0; number < 150; number++)
                Assert.NotEqual(0, await (publisher % 2 == 0 ? one : other).Events.PublishAsync(tenant, Bus.Event(number)));
        })));

        // A number without its event, or events out of order, would be seen as a gap: on a server whose scripts aren't atomic.
        var last = first;
        while (!publishing.IsCompleted || last < first + 1200)
        {
            var replay = await reading.Window.ReadAsync(tenant, last);
            Assert.False(replay.IsGap && replay.LastId - last < 500, $"Gap after {last}.");
            last = replay.LastId;
        }
        await publishing;
        var ids = (await reading.Window.ReadAsync(tenant, null)).Events.Select(envelope => envelope.Id);
        Assert.Equal(Enumerable.Range(701, 500).Select(offset => first + offset), ids);
    }

    [Fact, Trait("Req", "B4")]
    public async Task PublishAsync_keeps_the_events_and_numbers_of_tenants_apart()
    {
        await using var bus = await Bus.StartAsync();
        var (acme, globex) = (Bus.NewTenant(), Bus.NewTenant());
        var (acmes, globexs) = (new Listener(), new Listener());
        await using var acmeStream = bus.Subscriber.Subscribe(acme, acmes);
        await using var globexStream = bus.Subscriber.Subscribe(globex, globexs);
        await acmes.StartedAsync();
        await globexs.StartedAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
            await bus.Events.PublishAsync(number % 4 == 0 ? globex : acme, Bus.Event(number))));
        await acmes.ReceivedAsync(75);
        await globexs.ReceivedAsync(25);

        Assert.All(acmes.Events, envelope => Assert.NotEqual(0, Number(envelope) % 4));
        Assert.All(globexs.Events, envelope => Assert.Equal(0, Number(envelope) % 4));
        acmes.AssertInOrder();
        globexs.AssertInOrder();
        Assert.Equal(75, (await bus.Window.ReadAsync(acme, null)).Events.Count);
        Assert.Equal(25, (await bus.Window.ReadAsync(globex, null)).Events.Count);
    }

    [Fact, Trait("Req", "B3")]
    public async Task PublishAsync_writes_only_keys_with_the_tenants_prefix()
    {
        await using var bus = await Bus.StartAsync();
        var tenant = Bus.NewTenant();
        await bus.Events.PublishAsync(tenant, Bus.Event(1));

        var server = bus.Redis.GetServer(bus.Redis.GetEndPoints()[0]);
        var keys = server.Keys(pattern: $"*{tenant}*").Select(key => (string?)key).ToList();
        Assert.Equal(2, keys.Count);
        Assert.All(keys, key => Assert.StartsWith($"t:{{{tenant}}}:events:", key));
    }

    [Fact]
    public async Task PublishAsync_keeps_no_more_than_the_windows_count()
    {
        await using var bus = await Bus.StartAsync(options => options.WindowCount = 10);
        var tenant = Bus.NewTenant();
        var last = 0L;
        for (var number = 0; number < 35; number++)
            last = await bus.Events.PublishAsync(tenant, Bus.Event(number));

        var replay = await bus.Window.ReadAsync(tenant, null);
        Assert.Equal(last, replay.LastId);
        Assert.Equal(Enumerable.Range(25, 10), replay.Events.Select(Number));
    }

    [Fact]
    public async Task PublishAsync_lets_an_idle_tenants_window_expire_but_not_its_number()
    {
        await using var bus = await Bus.StartAsync(options => options.WindowAge = TimeSpan.FromSeconds(1));
        var tenant = Bus.NewTenant();
        var last = await bus.Events.PublishAsync(tenant, Bus.Event(1));

        await Eventually.TrueAsync(async () => (await bus.Window.ReadAsync(tenant, null)).Events.Count == 0);
        Assert.True((await bus.Window.ReadAsync(tenant, last - 1)).IsGap);
        Assert.False((await bus.Window.ReadAsync(tenant, last)).IsGap);
        Assert.Equal(last + 1, await bus.Events.PublishAsync(tenant, Bus.Event(2)));
    }

    [Fact, Trait("Req", "C5")]
    public async Task PublishAsync_without_redis_returns_0_at_once_and_throws_nothing()
    {
        await using var bus = await Bus.StartAsync($"127.0.0.1:{PortFinder.FreePort()}", options => options.Timeout = TimeSpan.FromMilliseconds(200));
        var tenant = Bus.NewTenant();
        await bus.Events.PublishAsync(tenant, Bus.Event(0));

        var clock = Stopwatch.StartNew();
        for (var number = 0; number < 200; number++)
            Assert.Equal(0, await bus.Events.PublishAsync(tenant, Bus.Event(number)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"200 events took {clock.Elapsed}");
    }

    [Fact]
    public async Task PublishAsync_refuses_an_event_that_is_too_large_and_tells_listeners_to_read_again()
    {
        await using var bus = await Bus.StartAsync(options => options.MaxEventBytes = 1024);
        var tenant = Bus.NewTenant();
        var listener = new Listener();
        await using var stream = bus.Subscriber.Subscribe(tenant, listener);
        await listener.StartedAsync();

        Assert.Equal(0, await bus.Events.PublishAsync(
            tenant, new TenantEvent("contact.created", JsonSerializer.SerializeToElement(new { text = new string('x', 2000) }))));
        await listener.ReceivedAsync(1);
        Assert.Equal(EventTypes.Resync, listener.Events[0].Type);
    }

    [Theory]
    [InlineData("contact.created\ndata: forged", null)]
    [InlineData("", null)]
    [InlineData("contact.created", "job:1\n")]
    public async Task PublishAsync_refuses_names_that_would_break_a_line_protocol(string type, string? channel)
    {
        await using var bus = await Bus.StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await bus.Events.PublishAsync(Bus.NewTenant(), new TenantEvent(type, default, channel)));
    }

    [Fact, Trait("Req", "I2")]
    public async Task PublishAsync_carries_the_trace_to_the_listener()
    {
        var spans = new List<Activity>();
        using var watcher = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Platform.Events",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(watcher);
        await using var bus = await Bus.StartAsync();
        var tenant = Bus.NewTenant();
        var listener = new Listener();
        await using var stream = bus.Subscriber.Subscribe(tenant, listener);
        await listener.StartedAsync();

        using var cause = new Activity("request").Start();
        await bus.Events.PublishAsync(tenant, Bus.Event(1));
        cause.Stop();
        await listener.ReceivedAsync(1);

        List<Activity> Ours()
        {
            lock (spans)
                return spans.Where(span => Equals(span.GetTagItem("tenant.id"), tenant.ToString())).ToList();
        }
        await Eventually.TrueAsync(() => Ours().Count == 2);
        var producer = Ours().Single(span => span.Kind == ActivityKind.Producer);
        var consumer = Ours().Single(span => span.Kind == ActivityKind.Consumer);
        Assert.Equal(cause.TraceId, producer.TraceId);
        Assert.Equal(cause.SpanId, producer.ParentSpanId);
        Assert.Equal(cause.TraceId, consumer.TraceId);
        Assert.Equal(producer.SpanId, consumer.ParentSpanId);
    }

    [Fact]
    public async Task PublishAsync_brings_over_type_channel_data_and_time()
    {
        await using var bus = await Bus.StartAsync();
        var tenant = Bus.NewTenant();
        var data = JsonSerializer.SerializeToElement(new { name = "Ångström \"Ω\"\r\n", big = 1e300 });
        await bus.Events.PublishAsync(tenant, new TenantEvent("job.progress", data, "job:42"));

        var envelope = Assert.Single((await bus.Window.ReadAsync(tenant, null)).Events);
        Assert.Equal("job.progress", envelope.Type);
        Assert.Equal("job:42", envelope.Channel);
        Assert.True(JsonElement.DeepEquals(data, envelope.Data));
        Assert.InRange(DateTimeOffset.UtcNow - envelope.Time, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1));
    }

    private static int Number(EventEnvelope envelope) => envelope.Data.GetProperty("number").GetInt32();
}
