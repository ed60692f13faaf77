using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Realtime.Tests;

/// <summary>Tokens of the external authority the Api takes are good here, too, for whom the Api says they stand for.</summary>
[Trait("Req", "G1")]
public sealed class ExternalTokenTests : IAsyncLifetime
{
    private readonly TenantId _tenant = RealtimeServer.NewTenant();
    private TestAuthority _authority = null!;

    public async Task InitializeAsync() => _authority = await TestAuthority.RunAsync();

    public Task DisposeAsync() => _authority.DisposeAsync().AsTask();

    [Fact]
    public async Task Token_of_the_authority_lets_in_whom_the_Api_knows_with_what_they_may_read()
    {
        await using var server = await StartAsync();
        var token = _authority.Token("ada");
        server.Api.Account = header => header == $"Bearer {token}" ? (200, TestApi.Me(_tenant, Permissions.ContactsRead)) : (401, new { });

        await using var stream = await EventStreamClient.OpenAsync(server.Address, token);
        await server.PublishAsync(RealtimeServer.NewTenant(), 1);
        await server.PublishAsync(_tenant, 2, type: "conversation.created");
        await server.PublishAsync(_tenant, 3);

        await stream.ReceivedAsync(1);
        Assert.Equal(["contact.created"], stream.Events.Select(received => received.Type));
        Assert.Equal(1, server.Api.Asked);
        // The platform's own go the same way as ever.
        await using var own = await server.OpenAsync(_tenant);
        Assert.Equal(1, server.Api.Asked);
    }

    [Fact]
    public async Task Token_that_isnt_the_authoritys_or_isnt_for_this_platform_never_gets_to_the_Api()
    {
        await using var server = await StartAsync();
        server.Api.Account = _ => (200, TestApi.Me(_tenant, Permissions.ContactsRead));
        string[] bad =
        [
            _authority.Token("ada", credentials: new SigningCredentials(TestAuthority.NewKey(), SecurityAlgorithms.RsaSha256)),
            _authority.Token("ada", audience: "another"),
            _authority.Token("ada", lifetime: TimeSpan.FromMinutes(-1)),
            _authority.Token("ada", type: "logout+jwt"),
            _authority.Token("ada", issuer: "https://elsewhere.example"),
            // Its claims would be good; but it names the authority and is signed by the platform.
            server.Api.Token(_tenant, issuer: _authority.Address, audience: TestAuthority.Audience),
        ];
        foreach (var token in bad)
        {
            using var response = await GetAsync(server, token);
            await Problems.AssertAsync(response, HttpStatusCode.Unauthorized);
        }
        Assert.Equal(0, server.Api.Asked);
    }

    [Theory]
    [InlineData(401, HttpStatusCode.Unauthorized)]
    [InlineData(403, HttpStatusCode.Forbidden)]
    [InlineData(429, HttpStatusCode.ServiceUnavailable)]
    public async Task Whom_the_Api_refuses_isnt_let_in(int status, HttpStatusCode expected)
    {
        await using var server = await StartAsync();
        server.Api.Account = _ => (status, new { detail = "no" });

        using var response = await GetAsync(server, _authority.Token("ada"));

        await Problems.AssertAsync(response, expected);
    }

    [Fact]
    public async Task Operator_of_the_authority_has_no_tenant_to_listen_to()
    {
        await using var server = await StartAsync();
        using var response = await GetAsync(server, _authority.Token("ada"));
        await Problems.AssertAsync(response, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Authority_that_was_never_reached_is_503_for_its_tokens_and_nobody_elses()
    {
        var token = _authority.Token("ada");
        await _authority.StopAsync();
        await using var server = await StartAsync();

        using var response = await GetAsync(server, token);

        await Problems.AssertAsync(response, HttpStatusCode.ServiceUnavailable);
        await using var own = await server.OpenAsync(_tenant);
    }

    [Fact]
    public async Task Connection_ends_with_the_authoritys_token()
    {
        await using var server = await StartAsync();
        server.Api.Account = _ => (200, TestApi.Me(_tenant, Permissions.ContactsRead));

        await using var stream = await EventStreamClient.OpenAsync(server.Address, _authority.Token("ada", lifetime: TimeSpan.FromSeconds(3)));

        await stream.EndedAsync();
    }

    [Fact]
    public async Task Without_an_authority_in_the_settings_its_tokens_are_worth_nothing()
    {
        await using var server = await RealtimeServer.StartAsync();
        using var response = await GetAsync(server, _authority.Token("ada"));
        await Problems.AssertAsync(response, HttpStatusCode.Unauthorized);
        Assert.Equal(0, _authority.Requests);
    }

    [Fact]
    public async Task Authority_that_is_the_platform_itself_stops_the_start() => await Assert.ThrowsAsync<OptionsValidationException>(
        () => StartAsync(("Auth:External:Issuer", "platform")));

    private Task<RealtimeServer> StartAsync(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["Auth:External:Authority"] = _authority.Address, ["Auth:External:Audience"] = TestAuthority.Audience,
            ["Auth:External:RequireHttps"] = "false",
        };
        foreach (var (name, value) in settings)
            all[name] = value;
        return RealtimeServer.StartAsync(all);
    }

    private static async Task<HttpResponseMessage> GetAsync(RealtimeServer server, string token)
    {
        using var client = server.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
