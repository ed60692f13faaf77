using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Realtime.Tests;

public sealed class HubTests
{
    [Fact, Trait("Req", "G3")]
    public async Task Hub_delivers_the_same_events_as_the_stream()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        await using var hub = await server.OpenHubAsync(tenant);
        await using var other = await server.OpenHubAsync(RealtimeServer.NewTenant());
        await using var stream = await server.OpenAsync(tenant);

        for (var number = 0; number < 10; number++)
            await server.PublishAsync(tenant, number, number % 2 == 0 ? "job:1" : null);
        await hub.ReceivedAsync(10);
        await stream.ReceivedAsync(10);

        Assert.Equal(stream.Events.Select(received => received.Id!.Value), hub.Events.Select(Id));
        Assert.Equal(stream.Events.Select(received => received.Type), hub.Events.Select(received => received.GetProperty("event").GetString()));
        Assert.Equal(Enumerable.Range(0, 10), hub.Events.Select(Number));
        Assert.Equal("job:1", hub.Events[0].GetProperty("channel").GetString());
        Assert.Empty(other.Events);
    }

    [Fact, Trait("Req", "G2")]
    public async Task Subscribe_and_Unsubscribe_choose_what_is_delivered()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        await using var hub = await server.OpenHubAsync(tenant);
        Assert.False((await hub.InvokeAsync("Subscribe", "job:1")).TryGetProperty("error", out _));
        await hub.InvokeAsync("Subscribe", "job:2");
        await hub.InvokeAsync("Unsubscribe", "job:2");

        await server.PublishAsync(tenant, 1);
        await server.PublishAsync(tenant, 2, "job:1", "job.progress");
        await server.PublishAsync(tenant, 3, "job:2", "job.progress");
        await hub.InvokeAsync("Subscribe", "tenant");
        await server.PublishAsync(tenant, 4);
        await hub.ReceivedAsync(2);

        Assert.Equal([2, 4], hub.Events.Select(Number));
    }

    [Theory, Trait("Req", "G2")]
    [InlineData("user:01980000-0000-7000-8000-000000000001")]
    [InlineData("tenant:01980000-0000-7000-8000-000000000001")]
    [InlineData("")]
    [InlineData("job:1\n")]
    [InlineData("t:{01980000-0000-7000-8000-000000000001}:events")]
    public async Task Subscribe_to_what_isnt_the_callers_is_refused_and_the_connection_stays(string channel)
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        await using var hub = await server.OpenHubAsync(tenant);
        Assert.True((await hub.InvokeAsync("Subscribe", channel)).TryGetProperty("error", out _));

        await server.PublishAsync(tenant, 1);
        await hub.ReceivedAsync(1);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Resume_gives_what_was_missed_once_and_goes_on_live()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        var seen = await server.PublishAsync(tenant, 0);
        for (var number = 1; number <= 10; number++)
            await server.PublishAsync(tenant, number);
        await using var hub = await server.OpenHubAsync(tenant);
        await server.PublishAsync(tenant, 11);
        await hub.ReceivedAsync(1);

        Assert.True((await hub.InvokeAsync("Resume", seen)).GetProperty("result").GetBoolean());
        Assert.True((await hub.InvokeAsync("Resume", seen)).GetProperty("result").GetBoolean());
        await server.PublishAsync(tenant, 12);
        await hub.ReceivedAsync(12);

        Assert.Equal(Enumerable.Range(1, 12), hub.Events.Select(Number).Order());
    }

    [Fact, Trait("Req", "G4")]
    public async Task Resume_as_part_of_the_address_gives_everything_in_order()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        var seen = await server.PublishAsync(tenant, 0);
        for (var number = 1; number <= 10; number++)
            await server.PublishAsync(tenant, number);
        await using var hub = await server.OpenHubAsync(tenant, $"lastEventId={seen}");
        await server.PublishAsync(tenant, 11);
        await hub.ReceivedAsync(11);

        Assert.Equal(Enumerable.Range(1, 11), hub.Events.Select(Number));
    }

    [Fact, Trait("Req", "G4")]
    public async Task Resume_too_late_sends_a_resync()
    {
        await using var server = await RealtimeServer.StartAsync(new() { ["Events:WindowCount"] = "3" });
        var tenant = RealtimeServer.NewTenant();
        var seen = await server.PublishAsync(tenant, 0);
        for (var number = 1; number <= 10; number++)
            await server.PublishAsync(tenant, number);
        await using var hub = await server.OpenHubAsync(tenant);

        Assert.False((await hub.InvokeAsync("Resume", seen)).GetProperty("result").GetBoolean());
        Assert.Equal(seen + 10, Assert.Single(hub.Sent("resync")).GetProperty("lastEventId").GetInt64());
    }

    [Fact, Trait("Req", "G1")]
    public async Task Hub_refuses_who_has_no_token_a_foreign_page_and_other_transports()
    {
        await using var server = await RealtimeServer.StartAsync();
        var token = server.Api.Token(RealtimeServer.NewTenant());
        var noToken = await Assert.ThrowsAsync<WebSocketException>(() => HubClient.OpenAsync(server.Address, null));
        Assert.Contains("401", noToken.Message, StringComparison.Ordinal);
        var foreign = await Assert.ThrowsAsync<WebSocketException>(() => HubClient.OpenAsync(server.Address, token, origin: "https://evil.example"));
        Assert.Contains("403", foreign.Message, StringComparison.Ordinal);

        using var client = server.Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var plain = await client.GetAsync("/hub");
        await Problems.AssertAsync(plain, HttpStatusCode.BadRequest);
        using var negotiation = await client.PostAsync("/hub/negotiate?negotiateVersion=1", null);
        await Problems.AssertAsync(negotiation, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Hub_survives_nonsense_from_its_clients()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        await using var bystander = await server.OpenHubAsync(tenant);
        foreach (var nonsense in new[] { "not json\u001e", "{\"type\":99}\u001e", "{\"type\":1,\"target\":\"Nope\",\"arguments\":[]}\u001e", new string('x', 100_000) })
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", $"Bearer {server.Api.Token(tenant)}");
            await socket.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/hub" }.Uri, CancellationToken.None);
            await socket.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
            await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(nonsense), WebSocketMessageType.Text, true, CancellationToken.None);
        }

        await server.PublishAsync(tenant, 1);
        await bystander.ReceivedAsync(1);
    }

    [Fact, Trait("Req", "J1")]
    public async Task Hub_tells_its_clients_to_reconnect_when_the_service_stops()
    {
        await using var server = await RealtimeServer.StartAsync();
        await using var hub = await server.OpenHubAsync(RealtimeServer.NewTenant());

        await server.StopAsync();
        await Eventually.TrueAsync(() => hub.Ended);

        var closing = Assert.Single(hub.Sent("closing"));
        Assert.Equal("shutdown", closing.GetProperty("reason").GetString());
        Assert.InRange(closing.GetProperty("retry").GetInt32(), 3000, 6000);
        Assert.True(hub.HasClosed());
    }

    private static long Id(JsonElement received) => received.GetProperty("id").GetInt64();

    private static int Number(JsonElement received) => received.GetProperty("data").GetProperty("number").GetInt32();
}
