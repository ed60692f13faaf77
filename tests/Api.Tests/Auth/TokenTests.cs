using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.Api.Features.Auth;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Auth;

[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
public sealed class TokenTests(ApiFixture api)
{
    [Fact]
    public async Task Published_key_verifies_a_token()
    {
        var token = (await api.LoginAsync(DemoAccounts.AcmeAdmin)).Text("accessToken");
        var discovery = await (await api.Anonymous.GetAsync("/.well-known/openid-configuration")).JsonAsync();
        Assert.Equal("platform", discovery.Text("issuer"));
        var keys = new JsonWebKeySet(await api.Anonymous.GetStringAsync(new Uri(discovery.Text("jwks_uri"))));

        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = "platform", ValidAudience = "platform", IssuerSigningKeys = keys.GetSigningKeys(),
        });

        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.Equal(DemoAccounts.Acme.ToString(), result.Claims["tenant_id"]);
        Assert.DoesNotContain("\"d\"", await api.Anonymous.GetStringAsync(new Uri(discovery.Text("jwks_uri"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_without_token_is_401()
    {
        using var response = await api.Anonymous.GetAsync("/api/contacts");
        await response.ProblemAsync(401);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Expired_token_is_401_and_says_so()
    {
        var problem = await (await SendAsync(await SignAsync(expires: DateTime.UtcNow.AddMinutes(-5)))).ProblemAsync(401);
        Assert.Contains("expired", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_made_as_the_api_makes_it_is_accepted()
    {
        // So that the refusals below are for the reason each names.
        using var response = await SendAsync(await SignAsync());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Token_signed_with_another_key_is_401()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var kid = (await KeyAsync()).KeyId;

        await (await SendAsync(await SignAsync(new ECDsaSecurityKey(stranger) { KeyId = kid }))).ProblemAsync(401);
        await (await SendAsync(await SignAsync(new ECDsaSecurityKey(stranger) { KeyId = "unknown" }))).ProblemAsync(401);
    }

    [Theory]
    [InlineData("other", "platform")]
    [InlineData("platform", "other")]
    public async Task Token_for_another_issuer_or_audience_is_401(string issuer, string audience) =>
        await (await SendAsync(await SignAsync(issuer: issuer, audience: audience))).ProblemAsync(401);

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    public async Task Token_without_signature_is_401(string algorithm)
    {
        var parts = (await SignAsync()).Split('.');
        var header = Encode(JsonSerializer.Serialize(new { alg = algorithm, typ = "JWT" }));

        await (await SendAsync($"{header}.{parts[1]}.")).ProblemAsync(401);
        await (await SendAsync($"{header}.{parts[1]}.{parts[2]}")).ProblemAsync(401);
        await (await SendAsync($"{parts[0]}.{parts[1]}.")).ProblemAsync(401);
    }

    [Fact]
    public async Task Token_signed_by_hmac_with_the_public_key_is_401()
    {
        var key = await KeyAsync();
        var payload = (await SignAsync()).Split('.')[1];
        var jwks = await api.Anonymous.GetStringAsync("/.well-known/jwks.json");
        var pem = Encoding.UTF8.GetBytes(key.ECDsa.ExportSubjectPublicKeyInfoPem());
        foreach (var secret in new[] { key.ECDsa.ExportSubjectPublicKeyInfo(), pem, Encoding.UTF8.GetBytes(jwks) })
        {
            var header = Encode(JsonSerializer.Serialize(new { alg = "HS256", typ = "JWT", kid = key.KeyId }));
            var signature = Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes($"{header}.{payload}")));
            await (await SendAsync($"{header}.{payload}.{signature}")).ProblemAsync(401);
        }
    }

    [Fact]
    public async Task Token_with_a_changed_tenant_is_401()
    {
        var parts = (await SignAsync()).Split('.');
        var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var changed = Encode(payload.Replace(DemoAccounts.Acme.ToString(), DemoAccounts.Globex.ToString(), StringComparison.Ordinal));

        await (await SendAsync($"{parts[0]}.{changed}.{parts[2]}")).ProblemAsync(401);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    public async Task Token_that_is_none_is_401(string token) => await (await SendAsync(token)).ProblemAsync(401);

    [Theory]
    [InlineData("X-Tenant-Id")]
    [InlineData("X-Tenant")]
    [InlineData("tenant_id")]
    public async Task Tenant_named_by_the_caller_changes_nothing(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/contacts?{name}={DemoAccounts.Acme}&limit=1");
        request.Headers.Add(name, DemoAccounts.Acme.ToString());
        var page = await (await (await api.Globex).SendAsync(request)).JsonAsync();

        Assert.InRange(page.GetProperty("pagination").GetProperty("total").GetInt64(), 1, 20);
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private async Task<ECDsaSecurityKey> KeyAsync() =>
        (await api.Services.GetRequiredService<SigningKeys>().GetActiveAsync(default)).SecurityKey;

    private async Task<HttpResponseMessage> SendAsync(string token)
    {
        using var client = api.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return await client.GetAsync("/api/contacts?limit=1");
    }

    private async Task<string> SignAsync(
        ECDsaSecurityKey? key = null, DateTime? expires = null, string issuer = "platform", string audience = "platform") =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Expires = expires ?? DateTime.UtcNow.AddMinutes(5),
            Claims = new Dictionary<string, object>
            {
                ["sub"] = (await api.ScalarAsync<Guid>("SELECT id FROM users WHERE email = $1", DemoAccounts.AcmeAdmin)).ToString(),
                ["tenant_id"] = DemoAccounts.Acme.ToString(),
                ["permission"] = new[] { "contacts:read" },
            },
            SigningCredentials = new SigningCredentials(key ?? await KeyAsync(), SecurityAlgorithms.EcdsaSha256),
        });
}
