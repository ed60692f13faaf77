using Platform.Embedded;
using Platform.Testing;

namespace Platform.Events.Tests;

public sealed class SubscriberTests
{
    [Fact, Trait("Req", "G3")]
    public async Task Subscribe_in_two_processes_gives_each_of_them_every_event_in_order()
    {
        await using var publisher = await Bus.StartAsync();
        await using var one = await Bus.StartAsync();
        await using var other = await Bus.StartAsync();
        var tenant = Bus.NewTenant();
        var (first, second) = (new Listener(), new Listener());
        await using var firstStream = one.Subscriber.Subscribe(tenant, first);
        await using var secondStream = other.Subscriber.Subscribe(tenant, second);
        await first.StartedAsync();
        await second.StartedAsync();

        await Task.WhenAll(Enumerable.Range(0, 300).Select(async number => await publisher.Events.PublishAsync(tenant, Bus.Event(number))));
        await first.ReceivedAsync(300);
        await second.ReceivedAsync(300);

        first.AssertInOrder();
        second.AssertInOrder();
        Assert.Empty(first.Gaps);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Subscribe_starts_with_the_window_and_goes_on_without_gap_while_events_come_in()
    {
        await using var bus = await Bus.StartAsync();
        var tenant = Bus.NewTenant();
        var publishing = Task.Run(async () =>
        {
            for (var number = 0; number < 300; number++)
                Assert.NotEqual(0, await bus.Events.PublishAsync(tenant, Bus.Event(number)));
        });
        await Eventually.TrueAsync(async () => (await bus.Window.ReadAsync(tenant, null)).Events.Count > 50);

        var listener = new Listener();
        await using var stream = bus.Subscriber.Subscribe(tenant, listener);
        await publishing;
        await Eventually.TrueAsync(() => listener.Recent.Count + listener.Events.Count == 300);

        var ids = listener.Recent.Concat(listener.Events).Select(envelope => envelope.Id).ToList();
        Assert.Equal(Enumerable.Range(0, 300).Select(offset => ids[0] + offset), ids);
        Assert.Equal(listener.Recent[^1].Id, listener.StartedAt);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Subscribe_fills_in_what_the_subscription_missed()
    {
        await using var bus = await Bus.StartAsync(options => options.CheckInterval = TimeSpan.FromMilliseconds(100));
        var tenant = Bus.NewTenant();
        var listener = new Listener();
        await using var stream = bus.Subscriber.Subscribe(tenant, listener);
        await listener.StartedAsync();
        await bus.Events.PublishAsync(tenant, Bus.Event(0));
        await listener.ReceivedAsync(1);

        // As if the subscription had silently gone: numbered and kept, but never published.
        await bus.Redis.GetSubscriber().UnsubscribeAsync(EventKeys.Channel(tenant));
        for (var number = 1; number <= 5; number++)
            await bus.Events.PublishAsync(tenant, Bus.Event(number));

        await listener.ReceivedAsync(6);
        listener.AssertInOrder();
        Assert.Empty(listener.Gaps);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Subscribe_reports_a_gap_when_the_window_has_moved_on()
    {
        await using var bus = await Bus.StartAsync(options =>
        {
            options.CheckInterval = TimeSpan.FromMilliseconds(100);
            options.WindowCount = 3;
        });
        var tenant = Bus.NewTenant();
        var listener = new Listener();
        await using var stream = bus.Subscriber.Subscribe(tenant, listener);
        await listener.StartedAsync();
        await bus.Redis.GetSubscriber().UnsubscribeAsync(EventKeys.Channel(tenant));

        // In one piece, so that the check doesn't find them a few at a time.
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async number => await bus.Events.PublishAsync(tenant, Bus.Event(number))));
        await Eventually.TrueAsync(() => listener.Gaps.Count > 0);
    }

    [Fact]
    public async Task Subscribe_ignores_what_others_publish_on_the_channel()
    {
        await using var bus = await Bus.StartAsync();
        var tenant = Bus.NewTenant();
        var listener = new Listener();
        await using var stream = bus.Subscriber.Subscribe(tenant, listener);
        await listener.StartedAsync();

        foreach (var junk in new[] { "", "junk", "{}", "{\"id\":-1,\"type\":\"a\",\"data\":{}}", "{\"id\":1,\"type\":\"a\\nb\",\"data\":{}}", "null" })
            await bus.Redis.GetSubscriber().PublishAsync(EventKeys.Channel(tenant), junk);
        await bus.Events.PublishAsync(tenant, Bus.Event(1));

        await listener.ReceivedAsync(1);
        Assert.Equal("contact.created", Assert.Single(listener.Events).Type);
    }

    [Fact]
    public async Task DisposeAsync_ends_the_stream()
    {
        await using var bus = await Bus.StartAsync();
        var tenant = Bus.NewTenant();
        var (ended, other) = (new Listener(), new Listener());
        var stream = bus.Subscriber.Subscribe(tenant, ended);
        await using var otherStream = bus.Subscriber.Subscribe(tenant, other);
        await ended.StartedAsync();
        await other.StartedAsync();

        await stream.DisposeAsync();
        await bus.Events.PublishAsync(tenant, Bus.Event(1));
        await other.ReceivedAsync(1);

        Assert.Empty(ended.Events);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Subscribe_recovers_by_itself_when_redis_was_killed_and_lost_its_data()
    {
        var options = new EmbeddedGarnetOptions { Ephemeral = true, Port = PortFinder.FreePort(), Password = "restarted" };
        var server = await EmbeddedGarnet.StartAsync(options);
        await using var publisher = await Bus.StartAsync(server.ConnectionString);
        await using var bus = await Bus.StartAsync(server.ConnectionString, settings => settings.CheckInterval = TimeSpan.FromMilliseconds(200));
        var tenant = Bus.NewTenant();
        var listener = new Listener();
        await using var stream = bus.Subscriber.Subscribe(tenant, listener);
        await listener.StartedAsync();
        var before = await publisher.Events.PublishAsync(tenant, Bus.Event(0));
        Assert.NotEqual(0, before);
        await listener.ReceivedAsync(1);

        await server.DisposeAsync();
        Assert.Equal(0, await publisher.Events.PublishAsync(tenant, Bus.Event(1)));
        await using var restarted = await EmbeddedGarnet.StartAsync(options);

        await Eventually.TrueAsync(() => listener.Gaps.Count > 0, TimeSpan.FromSeconds(30), "No gap was reported.");
        var after = 0L;
        await Eventually.TrueAsync(async () => (after = await publisher.Events.PublishAsync(tenant, Bus.Event(2))) > 0, TimeSpan.FromSeconds(30));
        Assert.True(after > before, "Numbers started over.");
        await Eventually.TrueAsync(() => listener.Events[^1].Id == after);
    }

    [Fact]
    public async Task Subscribe_while_redis_is_away_starts_as_soon_as_it_comes()
    {
        var options = new EmbeddedGarnetOptions { Ephemeral = true, Port = PortFinder.FreePort(), Password = "late" };
        await using var bus = await Bus.StartAsync(
            $"127.0.0.1:{options.Port},password={options.Password}", settings => settings.CheckInterval = TimeSpan.FromMilliseconds(200));
        var tenant = Bus.NewTenant();
        var listener = new Listener();
        await using var stream = bus.Subscriber.Subscribe(tenant, listener);

        await using var server = await EmbeddedGarnet.StartAsync(options);
        await Eventually.TrueAsync(() => listener.StartedAt is not null, TimeSpan.FromSeconds(30), "The stream never started.");
        await Eventually.TrueAsync(async () => await bus.Events.PublishAsync(tenant, Bus.Event(1)) > 0, TimeSpan.FromSeconds(10));
        await listener.ReceivedAsync(1);
    }
}
