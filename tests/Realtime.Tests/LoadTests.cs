using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Platform.Embedded;
using Platform.Testing;

namespace Platform.Realtime.Tests;

public sealed class LoadTests
{
    [Fact, Trait("Req", "G5")]
    public async Task Slow_clients_dont_hold_up_a_fast_one_cost_no_memory_and_get_a_resync()
    {
        const int events = 1500;
        const int padding = 8 * 1024;
        await using var server = await RealtimeServer.StartAsync(new()
        {
            ["Realtime:BufferedEvents"] = "50",
            // This test isn't about clients the web server gives up on.
            ["Kestrel:Limits:MinResponseDataRate"] = "",
        });
        var tenant = RealtimeServer.NewTenant();
        var slow = new List<Socket>();
        for (var client = 0; client < 30; client++)
            slow.Add(await OpenAndStopReadingAsync(server, tenant));
        await using var fast = await server.OpenAsync(tenant);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // Small enough steps for the fast one to follow, however slow the machine.
        for (var number = 0; number < events; number += 25)
        {
            await Task.WhenAll(Enumerable.Range(number, 25).Select(each => server.PublishAsync(tenant, each, padding: padding)));
            await fast.ReceivedAsync(number + 25);
        }

        Assert.DoesNotContain(fast.Events, received => received.Type == "resync");
        // Buffers of their own would hold 30 × 12 MB; the fast client's own copy is 12 MB.
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 80_000_000, $"{grown:N0} bytes more");

        await Task.WhenAll(slow.Select(async socket =>
        {
            using (socket)
                await ReadUntilAsync(socket, "event: resync\n");
        }));
    }

    [Fact, Trait("Req", "G3")]
    public async Task Burst_reaches_500_clients_completely_and_in_order()
    {
        const int clients = 500;
        const int events = 50;
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        var streams = new List<EventStreamClient>();
        foreach (var chunk in Enumerable.Range(0, clients).Chunk(50))
            streams.AddRange(await Task.WhenAll(chunk.Select(_ => server.OpenAsync(tenant))));

        for (var number = 0; number < events; number++)
            await server.PublishAsync(tenant, number);
        foreach (var stream in streams)
            await stream.ReceivedAsync(events, TimeSpan.FromSeconds(60));

        Assert.All(streams, stream => Assert.Equal(Enumerable.Range(0, events), stream.Events.Select(received => received.Number)));
        // Abruptly, all at once: the ones that stay must not notice.
        await Task.WhenAll(streams.Skip(1).Select(async stream => await stream.DisposeAsync()));
        await server.PublishAsync(tenant, events);
        await streams[0].ReceivedAsync(events + 1);
        await streams[0].DisposeAsync();
    }

    [Fact, Trait("Req", "G4")]
    public async Task Redis_killed_and_restarted_is_survived_by_open_connections()
    {
        var options = new EmbeddedGarnetOptions { Ephemeral = true, Port = PortFinder.FreePort(), Password = "restarted" };
        var redis = await EmbeddedGarnet.StartAsync(options);
        await using var server = await RealtimeServer.StartAsync(redis: redis.ConnectionString);
        var tenant = RealtimeServer.NewTenant();
        await using var stream = await server.OpenAsync(tenant);
        await using var hub = await server.OpenHubAsync(tenant);
        await server.PublishAsync(tenant, 1);
        await stream.ReceivedAsync(1);

        await redis.DisposeAsync();
        Assert.Equal(0, await server.Events.PublishAsync(tenant, RealtimeServer.Event(2)));
        // Tokens are checked without Redis: a client that comes now waits for it.
        await using var late = await server.OpenAsync(tenant);
        await using var restarted = await EmbeddedGarnet.StartAsync(options);

        await stream.ReceivedAsync("resync", TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => hub.Sent("resync").Count + hub.Events.Count(received => received.GetProperty("event").GetString() == "resync") > 0);
        await late.ReceivedAsync("resync", TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(async () => await server.Events.PublishAsync(tenant, RealtimeServer.Event(3)) > 0, TimeSpan.FromSeconds(30));
        await stream.ReceivedAsync("contact.created");
        await Eventually.TrueAsync(() => stream.Events[^1].Type == "contact.created" && stream.Events[^1].Number == 3);
        await Eventually.TrueAsync(() => late.Events[^1].Type == "contact.created" && late.Events[^1].Number == 3);
        Assert.False(stream.Ended || hub.Ended || late.Ended);
    }

    [Fact, Trait("Req", "J4")]
    public async Task Connections_beyond_a_tenants_limit_are_refused_and_places_come_back()
    {
        await using var server = await RealtimeServer.StartAsync(new() { ["Realtime:MaxConnectionsPerTenant"] = "2" });
        var tenant = RealtimeServer.NewTenant();
        await using var first = await server.OpenAsync(tenant);
        var second = await server.OpenHubAsync(tenant);
        using var client = server.Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", server.Api.Token(tenant));
        using (var refused = await client.GetAsync("/events"))
            await Problems.AssertAsync(refused, HttpStatusCode.TooManyRequests);
        await using (await server.OpenAsync(RealtimeServer.NewTenant()))
        {
        }

        await second.DisposeAsync();
        await Eventually.TrueAsync(async () =>
        {
            using var accepted = await client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);
            return accepted.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact, Trait("Req", "I1")]
    public async Task Meters_count_connections_deliveries_and_resyncs()
    {
        var sums = new Dictionary<string, double>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Platform.Realtime")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        void Add(string name, double value)
        {
            lock (sums)
                sums[name] = sums.GetValueOrDefault(name) + value;
        }
        double Sum(string name)
        {
            lock (sums)
                return sums.GetValueOrDefault(name);
        }
        meters.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument.Name, value));
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) => Add(instrument.Name, 1));
        meters.Start();
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        // Other tests of this process are measured too, so only growth is compared.
        var delivered = Sum("realtime.events.delivered");
        await using (var client = await server.OpenAsync(tenant, 1))
        {
            await client.ReceivedAsync("resync");
            await server.PublishAsync(tenant, 1);
            await client.ReceivedAsync(2);
        }
        await Eventually.TrueAsync(() => Sum("realtime.events.delivered") > delivered);
        await Eventually.TrueAsync(() => Sum("realtime.resyncs") >= 1 && Sum("realtime.lag") >= 1);
    }

    private static async Task<Socket> OpenAndStopReadingAsync(RealtimeServer server, Tenancy.TenantId tenant)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.Api.Token(tenant)}\r\n\r\n"));
        await ReadUntilAsync(socket, ": connected\n");
        return socket;
    }

    private static async Task ReadUntilAsync(Socket socket, string text)
    {
        var wanted = Encoding.ASCII.GetBytes(text);
        var buffer = new byte[64 * 1024];
        var kept = 0;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(kept), timeout.Token);
            Assert.NotEqual(0, read);
            if (buffer.AsSpan(0, kept + read).IndexOf(wanted) >= 0)
                return;
            // The end of what was read may be the beginning of what is wanted.
            var tail = Math.Min(kept + read, wanted.Length - 1);
            buffer.AsSpan(kept + read - tail, tail).CopyTo(buffer);
            kept = tail;
        }
    }
}
