using System.Buffers.Text;
using Platform.Redis;
using Platform.Testing;

namespace Platform.Events.Tests;

public sealed class RealtimeTicketsTests
{
    [Fact, Trait("Req", "G1")]
    public async Task RedeemAsync_returns_who_the_ticket_was_issued_to()
    {
        await using var bus = await Bus.StartAsync();
        var identity = NewIdentity();
        var ticket = await bus.Tickets.IssueAsync(identity);

        var holder = await bus.Tickets.RedeemAsync(ticket.Ticket);

        Assert.NotNull(holder);
        Assert.Equal(identity.Tenant, holder.Tenant);
        Assert.Equal(identity.UserId, holder.UserId);
        Assert.Equal(identity.Permissions, holder.Permissions);
        Assert.Equal(identity.TokenExpiresAt, holder.TokenExpiresAt);
        Assert.InRange(ticket.ExpiresAt - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));
    }

    [Fact, Trait("Req", "G1")]
    public async Task RedeemAsync_by_fifty_at_once_lets_one_in()
    {
        await using var bus = await Bus.StartAsync();
        for (var round = 0; round < 5; round++)
        {
            var ticket = await bus.Tickets.IssueAsync(NewIdentity());
            var holders = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => bus.Tickets.RedeemAsync(ticket.Ticket)));
            Assert.Single(holders, holder => holder is not null);
        }
    }

    [Fact, Trait("Req", "G1")]
    public async Task RedeemAsync_refuses_an_expired_ticket()
    {
        await using var bus = await Bus.StartAsync(options => options.TicketLifetime = TimeSpan.FromSeconds(1));
        var tickets = new Queue<RealtimeTicket>();
        for (var number = 0; number < 100; number++)
            tickets.Enqueue(await bus.Tickets.IssueAsync(NewIdentity()));

        // Each ticket can be tried only once: the first that is refused was refused for its age.
        await Eventually.TrueAsync(async () => await bus.Tickets.RedeemAsync(tickets.Dequeue().Ticket) is null, TimeSpan.FromSeconds(3));
    }

    [Fact, Trait("Req", "G1")]
    public async Task RedeemAsync_refuses_a_ticket_whose_token_has_expired()
    {
        await using var bus = await Bus.StartAsync();
        var ticket = await bus.Tickets.IssueAsync(NewIdentity() with { TokenExpiresAt = DateTimeOffset.UtcNow.AddSeconds(-1) });
        Assert.Null(await bus.Tickets.RedeemAsync(ticket.Ticket));
    }

    [Fact, Trait("Req", "B4")]
    public async Task RedeemAsync_refuses_a_ticket_with_another_tenants_id_put_in()
    {
        await using var bus = await Bus.StartAsync();
        var bytes = Base64Url.DecodeFromChars((await bus.Tickets.IssueAsync(NewIdentity())).Ticket);
        Guid.CreateVersion7().TryWriteBytes(bytes);
        Assert.Null(await bus.Tickets.RedeemAsync(Base64Url.EncodeToString(bytes)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task RedeemAsync_refuses_what_is_no_ticket(string? ticket)
    {
        await using var bus = await Bus.StartAsync();
        Assert.Null(await bus.Tickets.RedeemAsync(ticket));
    }

    [Fact]
    public async Task IssueAsync_leaves_no_ticket_readable_in_redis()
    {
        await using var bus = await Bus.StartAsync();
        var identity = NewIdentity();
        var ticket = await bus.Tickets.IssueAsync(identity);

        var server = bus.Redis.GetServer(bus.Redis.GetEndPoints()[0]);
        var key = Assert.Single(server.Keys(pattern: $"t:{{{identity.Tenant}}}:ticket:*"));
        Assert.DoesNotContain(ticket.Ticket[24..], key.ToString(), StringComparison.Ordinal);
        var value = (string?)await bus.Redis.GetDatabase().StringGetAsync(key);
        Assert.DoesNotContain(ticket.Ticket[24..], value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IssueAsync_and_RedeemAsync_without_redis_say_so()
    {
        await using var bus = await Bus.StartAsync($"127.0.0.1:{PortFinder.FreePort()}", options => options.Timeout = TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAsync<RedisUnavailableException>(() => bus.Tickets.IssueAsync(NewIdentity()));
        await Assert.ThrowsAsync<RedisUnavailableException>(() => bus.Tickets.RedeemAsync(Base64Url.EncodeToString(Enumerable.Repeat((byte)1, 48).ToArray())));
    }

    private static RealtimeIdentity NewIdentity() =>
        new(Bus.NewTenant(), Guid.CreateVersion7(), ["contacts:read", "jobs:read"], DateTimeOffset.UtcNow.AddMinutes(15));
}
