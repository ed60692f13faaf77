using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using Platform.Api.Features.Auth;
using Platform.Data.Seed;
using Platform.Testing;

namespace Platform.Api.Tests.Auth;

/// <summary>A month of two replicas and of somebody else who verifies their tokens, on one clock.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
public sealed class KeyRotationTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private string Database => ApiFixture.AppConnectionStringOf(_database);

    public async Task InitializeAsync() => _database = await ApiFixture.CreateDatabaseAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task Keys_follow_one_another_without_a_token_nobody_can_verify()
    {
        var time = new ManualTime();
        await using var first = await ApiReplica.StartAsync(Database, time);
        await using var second = await ApiReplica.StartAsync(Database, time);
        var verifier = new Verifier(second.Anonymous, time);
        var oldKey = (await KeysAsync(first)).ActiveId;
        Assert.Equal(oldKey, (await KeysAsync(second)).ActiveId);
        await AdvanceUntilDueAsync();

        // Both see at the same moment that a key is due.
        var published = await Task.WhenAll(KeysAsync(first), KeysAsync(second));
        var newKey = Assert.Single(published[0].Ids, id => id != oldKey);
        Assert.Equal(published[0].Ids.Order(), published[1].Ids.Order());
        Assert.Equal(2, await CountAsync());
        Assert.All(published, keys => Assert.Equal(oldKey, keys.ActiveId));

        // Step by step through the change: whatever either replica signs, the verifier knows without asking anew.
        var living = new List<(string Token, DateTimeOffset ExpiresAt)>();
        var signers = new List<string>();
        for (var step = 0; step < 50; step++)
        {
            time.Advance(TimeSpan.FromMinutes(2));
            foreach (var replica in new[] { first, second })
            {
                living.Add(await replica.Services.GetRequiredService<AccessTokens>().CreateAsync(Account(), Guid.NewGuid(), default));
                signers.Add(new JsonWebToken(living[^1].Token).Kid);
            }
            living.RemoveAll(token => token.ExpiresAt <= time.GetUtcNow());
            foreach (var (token, _) in living)
                await verifier.VerifyAsync(token);
        }
        Assert.Equal([oldKey, newKey], signers.Distinct());
        // An hour ahead, to the step: not before everybody can know it, nor long after.
        Assert.InRange(signers.IndexOf(newKey), 58, 62);

        // After its last token has run out, the old key is gone from the set; a day later from the database, too.
        Assert.Equal([newKey], (await KeysAsync(first)).Ids);
        Assert.Equal([newKey], (await KeysAsync(second)).Ids);
        await AdvanceUntilDueAsync();
        Assert.Equal(2, (await KeysAsync(first)).Ids.Count);
        Assert.Equal(2, await CountAsync());

        async Task AdvanceUntilDueAsync()
        {
            time.Advance(TimeSpan.FromDays(29) - TimeSpan.FromHours(2));
            Assert.Single((await KeysAsync(first)).Ids);
            time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromHours(2));
        }
    }

    [Fact]
    public async Task Key_that_cant_be_decrypted_any_more_is_replaced_at_once()
    {
        string lost;
        await using (var before = await ApiReplica.StartAsync(Database))
            lost = (await KeysAsync(before)).ActiveId;

        await using var replica = await ApiReplica.StartAsync(
            Database, null, ("ENCRYPTION_KEY", "another-test-key-of-enough-characters"));
        var (ids, active) = await KeysAsync(replica);

        Assert.NotEqual(lost, active);
        Assert.Equal([active], ids);
    }

    private static Account Account() => new(
        Guid.NewGuid(), "a@acme.example", "A", IsOperator: false, Disabled: false, DemoAccounts.Acme, "acme", "pro", Suspended: false, [], []);

    private static async Task<(IReadOnlyList<string> Ids, string ActiveId)> KeysAsync(ApiReplica replica)
    {
        var set = new JsonWebKeySet(await replica.Anonymous.GetStringAsync("/.well-known/jwks.json"));
        var active = await replica.Services.GetRequiredService<SigningKeys>().GetActiveAsync(default);
        return ([.. set.Keys.Select(key => key.KeyId)], active.Id);
    }

    private async Task<long> CountAsync()
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM signing_keys", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Keeps the key set for five minutes, as its Cache-Control allows, and never asks in between.</summary>
    private sealed class Verifier(HttpClient api, TimeProvider time)
    {
        private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

        private IList<SecurityKey> _keys = [];
        private DateTimeOffset _readAt;

        public async Task VerifyAsync(string token)
        {
            var now = time.GetUtcNow();
            if (now - _readAt >= KeptFor)
                (_keys, _readAt) = (new JsonWebKeySet(await api.GetStringAsync("/.well-known/jwks.json")).GetSigningKeys(), now);
            var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
            {
                ValidIssuer = "platform",
                ValidAudience = "platform",
                IssuerSigningKeys = _keys,
                LifetimeValidator = (_, expires, _, _) => expires > now.UtcDateTime && expires <= (now + Lifetime).UtcDateTime,
            });
            Assert.True(result.IsValid, result.Exception?.Message);
        }
    }
}
