using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Platform.Api.Features.Auth;
using Platform.Data.Security;
using Platform.Data.Seed;
using Platform.Testing;

namespace Platform.Api.Tests.Auth;

[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
public sealed class VerifiedTokensTests(ApiFixture api)
{
    private static readonly ECDsaSecurityKey Key = new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "one" };

    [Fact]
    public async Task Known_token_is_found_until_it_expires_or_its_key_is_retired()
    {
        var time = new SetTime();
        var tokens = new VerifiedTokens(new JsonWebTokenHandler(), capacity: 10, time);
        var (good, other) = (Keys(Key), Keys());
        var token = Sign("someone");
        Assert.False(tokens.TryGet(token, good, out _));
        await VerifyAsync(tokens, token);

        Assert.True(tokens.TryGet(token, good, out var found));
        Assert.Equal("someone", found.Identity.FindFirst("sub")!.Value);
        Assert.True(tokens.TryGet(token, Keys(Copy(Key)), out _));
        Assert.False(tokens.TryGet(token.AsSpan()[..^1], good, out _));
        Assert.False(tokens.TryGet(token + "A", good, out _));

        Assert.False(tokens.TryGet(token, other, out _));
        Assert.False(tokens.TryGet(token, good, out _)); // Forgotten: it has to be verified again.
        await VerifyAsync(tokens, token);
        time.Now += TimeSpan.FromMinutes(5);
        Assert.True(tokens.TryGet(token, good, out _)); // Within the skew the scheme allows.
        time.Now += TimeSpan.FromSeconds(30);
        Assert.False(tokens.TryGet(token, good, out _));
    }

    [Fact]
    public async Task Key_of_the_same_name_with_other_content_is_another_key()
    {
        var tokens = new VerifiedTokens(new JsonWebTokenHandler(), capacity: 10, TimeProvider.System);
        var token = Sign("someone");
        await VerifyAsync(tokens, token);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.False(tokens.TryGet(token, Keys(new ECDsaSecurityKey(stranger) { KeyId = "one" }), out _));
    }

    [Fact]
    public async Task Token_that_isnt_good_is_never_known()
    {
        var tokens = new VerifiedTokens(new JsonWebTokenHandler(), capacity: 10, TimeProvider.System);
        var token = Sign("someone");
        var changed = $"{token[..^4]}AAAA";
        Assert.False((await tokens.ValidateTokenAsync(changed, Parameters())).IsValid);

        Assert.False(tokens.TryGet(changed, Keys(Key), out _));
    }

    [Fact]
    public async Task Only_so_many_are_remembered_and_the_ones_in_use_stay()
    {
        var tokens = new VerifiedTokens(new JsonWebTokenHandler(), capacity: 20, TimeProvider.System);
        var keys = Keys(Key);
        var used = Sign("used");
        await VerifyAsync(tokens, used);
        var others = Enumerable.Range(0, 60).Select(number => Sign($"other {number}")).ToList();
        foreach (var other in others)
        {
            await VerifyAsync(tokens, other);
            Assert.True(tokens.TryGet(used, keys, out _));
        }

        Assert.InRange(others.Count(other => tokens.TryGet(other, keys, out _)), 1, 20);
    }

    [Fact]
    public async Task Token_in_use_is_refused_once_its_key_is_retired()
    {
        var keys = api.Services.GetRequiredService<SigningKeys>();
        var protector = api.Services.GetRequiredService<SecretProtector>();
        var key = SigningKey.Create(DateTimeOffset.UtcNow.AddDays(-1));
        await using (var insert = api.Admin.CreateCommand(
            """
            INSERT INTO signing_keys (id, public_jwk, private_key, created_at, active_at)
            VALUES ($1, $2::jsonb, $3, now() - interval '1 day', now() - interval '1 day')
            """))
        {
            insert.Parameters.AddWithValue(key.Id);
            insert.Parameters.AddWithValue(key.PublicJson());
            insert.Parameters.AddWithValue(key.Protect(protector));
            await insert.ExecuteNonQueryAsync();
        }
        var user = await api.AddUserAsync(DemoAccounts.Acme, "contacts:read");
        using var client = api.CreateClient(Sign(user.Id.ToString(), key.SecurityKey));
        async Task WaitForAsync(HttpStatusCode status) => await Eventually.TrueAsync(
            async () =>
            {
                keys.RequestRefresh();
                using var response = await client.GetAsync("/api/contacts?limit=1");
                return response.StatusCode == status;
            },
            TimeSpan.FromSeconds(30));

        await WaitForAsync(HttpStatusCode.OK);
        await using (var retire = api.Admin.CreateCommand("UPDATE signing_keys SET retired_at = now() WHERE id = $1"))
        {
            retire.Parameters.AddWithValue(key.Id);
            await retire.ExecuteNonQueryAsync();
        }
        await WaitForAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Token_changed_after_it_was_used_is_401()
    {
        var token = (await api.LoginAsync(DemoAccounts.AcmeAdmin)).Text("accessToken");
        var middle = token.Length / 2;
        var otherClaims = $"{token[..middle]}{(token[middle] == 'A' ? 'B' : 'A')}{token[(middle + 1)..]}";
        foreach (var (sent, status) in new[]
        {
            (token, 200), (token, 200), ($"{token[..^4]}AAAA", 401), (token[..^1], 401), (otherClaims, 401), (token, 200),
        })
        {
            using var client = api.CreateClient(sent);
            using var response = await client.GetAsync("/api/contacts?limit=1");
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    private static async Task VerifyAsync(VerifiedTokens tokens, string token) =>
        Assert.True((await tokens.ValidateTokenAsync(token, Parameters())).IsValid);

    private static TokenValidationParameters Parameters() => new()
    {
        ValidIssuer = "platform", ValidAudience = "platform", IssuerSigningKey = Key, ClockSkew = TimeSpan.FromSeconds(30),
    };

    private static OpenIdConnectConfiguration Keys(params SecurityKey[] keys)
    {
        var configuration = new OpenIdConnectConfiguration();
        foreach (var key in keys)
            configuration.SigningKeys.Add(key);
        return configuration;
    }

    private static ECDsaSecurityKey Copy(ECDsaSecurityKey key) =>
        new(ECDsa.Create(key.ECDsa.ExportParameters(includePrivateParameters: false))) { KeyId = key.KeyId };

    private static string Sign(string subject, ECDsaSecurityKey? key = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "platform",
            Audience = "platform",
            Expires = DateTime.UtcNow.AddMinutes(5),
            Subject = new ClaimsIdentity(
                [new("sub", subject), new("tenant_id", DemoAccounts.Acme.ToString()), new("permission", "contacts:read")]),
            SigningCredentials = new SigningCredentials(key ?? Key, SecurityAlgorithms.EcdsaSha256),
        });

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
