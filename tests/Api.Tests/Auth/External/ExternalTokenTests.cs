using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Platform.Data.Seed;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Api.Tests.Auth.External;

/// <summary>Which tokens of an external authority are good.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
public sealed class ExternalTokenTests(ApiFixture api, ExternalReplica external) : IClassFixture<ExternalReplica>
{
    private const string Contacts = "/api/contacts?limit=1";

    private readonly TestAuthority _authority = external.Authority;

    [Theory]
    [InlineData("JWT")]
    [InlineData("at+jwt")]
    public async Task Token_of_the_authority_is_accepted(string type) =>
        // So that the refusals below are for the reason each names.
        await (await external.GetAsync(_authority.Token("s-" + Guid.NewGuid(), await EmailAsync(), true, type: type))).JsonAsync();

    [Fact]
    public async Task Wrong_audience_issuer_key_type_and_time_are_401()
    {
        var email = await EmailAsync();
        using var stranger = RSA.Create(2048);
        string Token(
            string? issuer = null, string audience = TestAuthority.Audience, TimeSpan? lifetime = null, RsaSecurityKey? key = null,
            string type = "JWT") => _authority.Token(
                "s-" + Guid.NewGuid(), email, true, issuer, audience, lifetime,
                key is null ? null : new SigningCredentials(key, SecurityAlgorithms.RsaSha256), type);
        foreach (var token in new[]
        {
            Token(audience: "another"),
            Token(audience: "platform"),
            Token(issuer: "https://evil.example"),
            Token(issuer: _authority.Address + "/"),
            // As if it were the platform's own.
            Token(issuer: "platform", audience: "platform"),
            Token(lifetime: TimeSpan.FromMinutes(-5)),
            // Signed by somebody else, under a published id and under an unknown one.
            Token(key: new RsaSecurityKey(stranger) { KeyId = _authority.Key.KeyId }),
            Token(key: TestAuthority.NewKey()),
            Token(key: new RsaSecurityKey(stranger)),
            Token(type: "logout+jwt"),
        })
        {
            using var response = await external.GetAsync(token);
            await response.ProblemAsync(401);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Fact]
    public async Task Unsigned_tokens_and_those_signed_with_the_public_key_as_secret_are_401()
    {
        var good = _authority.Token("s-" + Guid.NewGuid(), await EmailAsync(), true);
        var parts = good.Split('.');
        foreach (var algorithm in new[] { "none", "None", "NONE" })
        {
            var header = Encode(JsonSerializer.Serialize(new { alg = algorithm, typ = "JWT", kid = _authority.Key.KeyId }));
            await (await external.GetAsync($"{header}.{parts[1]}.")).ProblemAsync(401);
            await (await external.GetAsync($"{header}.{parts[1]}.{parts[2]}")).ProblemAsync(401);
        }
        using var web = new HttpClient();
        byte[][] secrets =
        [
            _authority.Key.Rsa.ExportSubjectPublicKeyInfo(), Encoding.UTF8.GetBytes(_authority.Key.Rsa.ExportSubjectPublicKeyInfoPem()),
            Encoding.UTF8.GetBytes(_authority.Key.Rsa.ExportRSAPublicKeyPem()), await web.GetByteArrayAsync(_authority.Address + "/keys"),
        ];
        foreach (var secret in secrets)
        {
            var header = Encode(JsonSerializer.Serialize(new { alg = "HS256", typ = "JWT", kid = _authority.Key.KeyId }));
            var signature = Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes($"{header}.{parts[1]}")));
            await (await external.GetAsync($"{header}.{parts[1]}.{signature}")).ProblemAsync(401);
        }
        await (await external.GetAsync(good)).JsonAsync();
    }

    [Fact]
    public async Task Garbage_that_claims_the_issuer_is_401()
    {
        var claim = Encode($$"""{"iss":"{{_authority.Address}}"}""");
        foreach (var token in new[] { $"x.{claim}.x", $".{claim}.", $"a.{claim}.b.c.d", $"{Encode("{}")}.{claim}.", $"{Encode("[]")}.{claim}.x" })
            await (await external.GetAsync(token)).ProblemAsync(401);
    }

    [Fact]
    public async Task Replica_without_an_authority_refuses_its_tokens_and_own_tokens_are_good_beside_it()
    {
        using var client = api.CreateClient(_authority.Token("s-" + Guid.NewGuid(), await EmailAsync(), true));
        await (await client.GetAsync(Contacts)).ProblemAsync(401);

        var own = (await api.LoginAsync(DemoAccounts.AcmeAdmin)).Text("accessToken");
        await (await external.GetAsync(own)).JsonAsync();
    }

    [Fact]
    public async Task Key_replaced_by_the_authority_is_read_at_once_and_the_old_one_ends()
    {
        var time = new ManualTime();
        await using var authority = new TestAuthority();
        await authority.StartAsync();
        await using var replica = await ExternalReplica.StartAsync(api, authority, time);
        var (subject, email) = ("s-" + Guid.NewGuid(), await EmailAsync());
        using var old = replica.Client(authority.Token(subject, email, true));
        await (await old.GetAsync(Contacts)).JsonAsync();
        Assert.Equal(1, authority.Requests);

        authority.ReplaceKey();
        using var renewed = replica.Client(authority.Token(subject));
        // Read a moment ago: nobody can make the API ask the authority again and again.
        for (var i = 0; i < 5; i++)
            await (await renewed.GetAsync(Contacts)).ProblemAsync(401);
        Assert.Equal(1, authority.Requests);

        time.Advance(TimeSpan.FromMinutes(1));
        await (await renewed.GetAsync(Contacts)).JsonAsync();
        Assert.Equal(2, authority.Requests);
        await (await old.GetAsync(Contacts)).ProblemAsync(401);
        using var forger = replica.Client(authority.Token(subject, credentials: new(TestAuthority.NewKey(), SecurityAlgorithms.RsaSha256)));
        for (var i = 0; i < 5; i++)
            await (await forger.GetAsync(Contacts)).ProblemAsync(401);
        Assert.Equal(2, authority.Requests);
    }

    [Fact]
    public async Task Authority_away_is_503_for_its_tokens_only_until_it_is_back_and_later_its_keys_go_on()
    {
        var time = new ManualTime();
        await using var authority = new TestAuthority();
        await using var replica = await ExternalReplica.StartAsync(api, authority, time);
        using var client = replica.Client(authority.Token("s-" + Guid.NewGuid(), await EmailAsync(), true));
        using var own = replica.Client((await api.LoginAsync(DemoAccounts.AcmeAdmin)).Text("accessToken"));

        using (var away = await client.GetAsync(Contacts))
        {
            await away.ProblemAsync(503);
            Assert.NotNull(away.Headers.RetryAfter);
        }
        await (await own.GetAsync(Contacts)).JsonAsync();
        await (await replica.Anonymous.GetAsync(Contacts)).ProblemAsync(401);
        // Who only passes by isn't held up by what nobody asks for.
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/.well-known/jwks.json")).StatusCode);

        await authority.StartAsync();
        time.Advance(TimeSpan.FromSeconds(6));
        await (await client.GetAsync(Contacts)).JsonAsync();

        await authority.StopAsync();
        time.Advance(TimeSpan.FromHours(2));
        await (await client.GetAsync(Contacts)).JsonAsync();
    }

    [Fact]
    public async Task Authority_that_doesnt_answer_is_503_within_the_timeout()
    {
        await using var authority = new TestAuthority();
        await authority.StartAsync();
        await using var proxy = new Proxy(new Uri(authority.Address).Port);
        proxy.Hold();
        await using var replica = await ExternalReplica.StartAsync(
            api, authority, null, ("Auth:External:Authority", $"http://127.0.0.1:{proxy.Port}"), ("Auth:External:Issuer", authority.Address),
            ("Auth:External:Timeout", "00:00:01"));
        using var client = replica.Client(authority.Token("s-" + Guid.NewGuid(), await EmailAsync(), true));

        var clock = System.Diagnostics.Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetAsync(Contacts)));

        foreach (var answer in answers)
            await answer.ProblemAsync(503);
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Document_of_another_issuer_is_not_believed()
    {
        await using var authority = new TestAuthority { Issuer = "https://somebody.example" };
        await authority.StartAsync();
        await using var replica = await ExternalReplica.StartAsync(api, authority);
        using var client = replica.Client(authority.Token("s-" + Guid.NewGuid(), await EmailAsync(), true));
        await (await client.GetAsync(Contacts)).ProblemAsync(503);
    }

    [Theory]
    [InlineData("Auth:External:Audience", "")]
    [InlineData("Auth:External:RequireHttps", "true")]
    [InlineData("Auth:External:Issuer", "platform")]
    [InlineData("Auth:External:Authority", "login.example")]
    public async Task Settings_that_would_let_in_the_wrong_ones_dont_start(string name, string value)
    {
        await using var authority = new TestAuthority();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var replica = await ExternalReplica.StartAsync(api, authority, null, (name, value));
        });
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private async Task<string> EmailAsync() => (await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead)).Email;
}
