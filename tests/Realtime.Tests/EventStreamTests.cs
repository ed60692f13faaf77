using System.Net;
using Platform.Testing;

namespace Platform.Realtime.Tests;

public sealed class EventStreamTests
{
    [Fact, Trait("Req", "G3")]
    public async Task Events_delivers_number_type_and_data_live()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        await using var client = await server.OpenAsync(tenant);

        var first = await server.PublishAsync(tenant, 1);
        await server.PublishAsync(tenant, 2, "job:7", "job.progress");
        await client.ReceivedAsync(2);

        Assert.Equal("text/event-stream", client.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(3000, client.Retry);
        Assert.Equal([first, first + 1], client.Events.Select(received => received.Id!.Value));
        Assert.Equal(["contact.created", "job.progress"], client.Events.Select(received => received.Type));
        Assert.Equal([1, 2], client.Events.Select(received => received.Number));
    }

    [Fact, Trait("Req", "G2")]
    public async Task Events_of_one_tenant_never_reach_another()
    {
        await using var server = await RealtimeServer.StartAsync();
        var (acme, globex) = (RealtimeServer.NewTenant(), RealtimeServer.NewTenant());
        await using var acmes = await server.OpenAsync(acme);
        await using var globexs = await server.OpenAsync(globex);

        for (var number = 0; number < 50; number++)
            await server.PublishAsync(number % 2 == 0 ? acme : globex, number);
        await acmes.ReceivedAsync(25);
        await globexs.ReceivedAsync(25);

        Assert.All(acmes.Events, received => Assert.Equal(0, received.Number % 2));
        Assert.All(globexs.Events, received => Assert.Equal(1, received.Number % 2));
    }

    [Fact, Trait("Req", "G2")]
    public async Task Events_of_a_users_channel_reach_only_that_user()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        var user = Guid.CreateVersion7();
        await using var own = await EventStreamClient.OpenAsync(server.Address, server.Api.Token(tenant, user));
        await using var other = await server.OpenAsync(tenant);

        await server.PublishAsync(tenant, 1, $"user:{user}", "notification.created");
        await server.PublishAsync(tenant, 2);
        await own.ReceivedAsync(2);
        await other.ReceivedAsync(1);

        Assert.Equal([1, 2], own.Events.Select(received => received.Number));
        Assert.Equal([2], other.Events.Select(received => received.Number));
    }

    [Fact, Trait("Req", "B7")]
    public async Task Events_a_user_may_not_read_are_left_out()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        await using var client = await EventStreamClient.OpenAsync(server.Address, server.Api.Token(tenant, permissions: ["jobs:read"]));

        await server.PublishAsync(tenant, 1);
        await server.PublishAsync(tenant, 2, type: "import.progress");
        await server.PublishAsync(tenant, 3, type: "job.progress");
        await client.ReceivedAsync(1);

        Assert.Equal([3], client.Events.Select(received => received.Number));
    }

    [Fact, Trait("Req", "G2")]
    public async Task Events_with_channels_delivers_those_only_and_still_moves_the_number_on()
    {
        await using var server = await RealtimeServer.StartAsync(new() { ["Realtime:HeartbeatInterval"] = "00:00:00.100" });
        var tenant = RealtimeServer.NewTenant();
        await using var client = await server.OpenAsync(tenant, query: "?channels=job:1,tenant");

        await server.PublishAsync(tenant, 1, "job:1", "job.progress");
        await server.PublishAsync(tenant, 2, "job:2", "job.progress");
        await server.PublishAsync(tenant, 3);
        var last = await server.PublishAsync(tenant, 4, "job:2", "job.progress");
        await Eventually.TrueAsync(() => client.LastEventId == last);

        Assert.Equal([1, 3], client.Events.Select(received => received.Number));
    }

    [Fact]
    public async Task Events_sends_heartbeats()
    {
        await using var server = await RealtimeServer.StartAsync(new() { ["Realtime:HeartbeatInterval"] = "00:00:00.100" });
        await using var client = await server.OpenAsync(RealtimeServer.NewTenant());
        await Eventually.TrueAsync(() => client.Comments >= 4);
        Assert.Empty(client.Events);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Events_resumes_after_a_restart_of_the_service_without_gap_or_duplicate()
    {
        var tenant = RealtimeServer.NewTenant();
        List<int> numbers = [];
        long? last;
        await using (var server = await RealtimeServer.StartAsync())
        {
            await using var client = await server.OpenAsync(tenant);
            for (var number = 0; number < 5; number++)
                await server.PublishAsync(tenant, number);
            await client.ReceivedAsync(5);
            await server.StopAsync();
            await client.ReceivedAsync("closing");
            numbers.AddRange(client.Events.Where(received => received.Type != "closing").Select(received => received.Number));
            last = client.LastEventId;
        }

        await using var restarted = await RealtimeServer.StartAsync();
        for (var number = 5; number < 10; number++)
            await restarted.PublishAsync(tenant, number);
        await using var again = await restarted.OpenAsync(tenant, last);
        for (var number = 10; number < 15; number++)
            await restarted.PublishAsync(tenant, number);
        await again.ReceivedAsync(10);
        numbers.AddRange(again.Events.Select(received => received.Number));

        Assert.Equal(Enumerable.Range(0, 15), numbers);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Events_resumed_again_and_again_under_load_has_no_gap_and_no_duplicate()
    {
        await using var server = await RealtimeServer.StartAsync();
        await using var replica = await RealtimeServer.StartAsync(api: server.Api);
        var tenant = RealtimeServer.NewTenant();
        await using var first = await server.OpenAsync(tenant);
        var publishing = Task.Run(async () =>
        {
            for (var number = 0; number < 400; number++)
                await server.PublishAsync(tenant, number);
        });

        var ids = new List<long>();
        var last = first.LastEventId;
        var start = last!.Value;
        for (var round = 0; ids.Count < 400; round++)
        {
            // Another replica each time: they give the same numbers.
            await using var client = await (round % 2 == 0 ? server : replica).OpenAsync(tenant, last);
            await client.ReceivedAsync(1);
            var received = client.Events;
            ids.AddRange(received.Select(one => one.Id!.Value));
            last = received[^1].Id;
        }
        await publishing;

        Assert.Equal(Enumerable.Range(1, 400).Select(offset => start + offset), ids);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Events_resumed_too_late_begins_with_a_resync()
    {
        await using var server = await RealtimeServer.StartAsync(new() { ["Events:WindowCount"] = "5" });
        var tenant = RealtimeServer.NewTenant();
        var first = await server.PublishAsync(tenant, 0);
        var last = 0L;
        for (var number = 1; number <= 20; number++)
            last = await server.PublishAsync(tenant, number);

        await using var client = await server.OpenAsync(tenant, first);
        await client.ReceivedAsync(1);
        Assert.Equal("resync", client.Events[0].Type);
        Assert.Equal(last, client.LastEventId);
        await server.PublishAsync(tenant, 21);
        await client.ReceivedAsync(2);
        Assert.Equal(21, client.Events[1].Number);
    }

    [Fact, Trait("Req", "G4")]
    public async Task Events_resumed_from_a_number_that_never_was_begins_with_a_resync()
    {
        await using var server = await RealtimeServer.StartAsync();
        var tenant = RealtimeServer.NewTenant();
        await using var client = await server.OpenAsync(tenant, long.MaxValue);
        Assert.Equal("resync", (await client.ReceivedAsync("resync")).Type);
    }

    [Theory]
    [InlineData("?lastEventId=abc", null, HttpStatusCode.BadRequest)]
    [InlineData("?lastEventId=-1", null, HttpStatusCode.BadRequest)]
    [InlineData("", "99999999999999999999999", HttpStatusCode.BadRequest)]
    [InlineData("?channels=job:1,da%0Ata", null, HttpStatusCode.BadRequest)]
    [InlineData("?channels=user:01980000-0000-7000-8000-000000000001", null, HttpStatusCode.Forbidden)]
    [InlineData("?channels=tenant:01980000-0000-7000-8000-000000000001", null, HttpStatusCode.Forbidden)]
    public async Task Events_with_bad_parameters_is_refused_with_problem_details(string query, string? lastEventId, HttpStatusCode status)
    {
        await using var server = await RealtimeServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events" + query);
        request.Headers.Authorization = new("Bearer", server.Api.Token(RealtimeServer.NewTenant()));
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        using var client = server.Client();
        using var response = await client.SendAsync(request);

        await Problems.AssertAsync(response, status);
    }
}
