using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Platform.Events;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Realtime.Tests;

/// <summary>Tokens that are good by themselves and give no access any more.</summary>
[Trait("Req", "G1")]
public sealed class EndedAccessTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(16);

    private readonly TenantId _tenant = RealtimeServer.NewTenant();

    [Fact]
    public async Task Kept_token_of_a_suspended_tenant_is_403_until_it_is_resumed()
    {
        await using var server = await RealtimeServer.StartAsync();
        var (ended, token) = (Ended(server), server.Api.Token(_tenant, sessionId: Guid.NewGuid()));
        var ticket = await TicketAsync(server, Guid.NewGuid(), Guid.NewGuid());
        await ended.EndTenantAsync(_tenant, Lifetime);

        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(server, token));
        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(server, null, $"?ticket={ticket}"));
        await Assert.ThrowsAnyAsync<Exception>(() => HubClient.OpenAsync(server.Address, token));
        Assert.Equal(HttpStatusCode.OK, await TryAsync(server, server.Api.Token(RealtimeServer.NewTenant())));

        await ended.ResumeTenantAsync(_tenant);
        Assert.Equal(HttpStatusCode.OK, await TryAsync(server, token));
    }

    [Fact]
    public async Task Kept_token_or_ticket_of_an_ended_session_is_401_and_the_users_other_session_goes_on()
    {
        await using var server = await RealtimeServer.StartAsync();
        var (user, first, second, third) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var (gone, good) = (await TicketAsync(server, user, second), await TicketAsync(server, user, third));
        await Ended(server).EndSessionsAsync(_tenant, [first, second], Lifetime);

        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(server, server.Api.Token(_tenant, user, sessionId: first)));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(server, null, $"?ticket={gone}"));
        Assert.Equal(HttpStatusCode.OK, await TryAsync(server, server.Api.Token(_tenant, user, sessionId: third)));
        Assert.Equal(HttpStatusCode.OK, await TryAsync(server, null, $"?ticket={good}"));
    }

    [Fact]
    public async Task Kept_token_of_a_removed_user_is_401_and_one_made_after_being_added_again_is_good()
    {
        await using var server = await RealtimeServer.StartAsync();
        var user = Guid.NewGuid();
        var ticket = await TicketAsync(server, user, null);
        await Ended(server).EndUserAsync(_tenant, user, Lifetime);

        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(server, server.Api.Token(_tenant, user)));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(server, null, $"?ticket={ticket}"));
        Assert.Equal(HttpStatusCode.OK, await TryAsync(server, server.Api.Token(_tenant)));
        // Tokens count whole seconds; this one was made in a later one. They last an hour from when they were made.
        Assert.Equal(HttpStatusCode.OK, await TryAsync(server, server.Api.Token(_tenant, user, TimeSpan.FromMinutes(60) + TimeSpan.FromSeconds(2), notBefore: TimeSpan.Zero)));
    }

    [Fact]
    public async Task End_is_forgotten_when_no_token_from_before_can_be_left()
    {
        await using var server = await RealtimeServer.StartAsync();
        await Ended(server).EndTenantAsync(_tenant, TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(async () => await TryAsync(server, server.Api.Token(_tenant)) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task With_redis_away_a_good_token_is_let_in()
    {
        await using var server = await RealtimeServer.StartAsync(
            new() { ["Events:Timeout"] = "00:00:00.200" }, redis: $"127.0.0.1:{PortFinder.FreePort()},connectTimeout=500");
        Assert.Equal(HttpStatusCode.OK, await TryAsync(server, server.Api.Token(_tenant)));
    }

    private static EndedAccess Ended(RealtimeServer server) => server.Services.GetRequiredService<EndedAccess>();

    private static async Task<HttpStatusCode> TryAsync(RealtimeServer server, string? token, string query = "")
    {
        using var client = server.Client();
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.GetAsync($"/events{query}", HttpCompletionOption.ResponseHeadersRead);
        if (response.StatusCode != HttpStatusCode.OK)
            await Problems.AssertAsync(response, response.StatusCode);
        return response.StatusCode;
    }

    private async Task<string> TicketAsync(RealtimeServer server, Guid user, Guid? session) => (await server.Tickets.IssueAsync(
        new RealtimeIdentity(_tenant, user, [Permissions.ContactsRead], DateTimeOffset.UtcNow.AddMinutes(5), session))).Ticket;
}
