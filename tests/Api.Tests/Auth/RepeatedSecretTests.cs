using System.Net;
using System.Text.Json;
using Platform.Tenancy;

namespace Platform.Api.Tests.Auth;

/// <summary>Members, API keys: what shows a secret once shows it to the first of repeated requests alone.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D5")]
public sealed class RepeatedSecretTests(ApiFixture api)
{
    private const string Members = "/api/admin/members", Keys = "/api/admin/api-keys";

    private readonly string _key = Guid.NewGuid().ToString(), _email = $"{Guid.NewGuid():N}@people.example";

    [Fact]
    public async Task Repeated_invitation_adds_once_and_has_no_link()
    {
        var (tenant, client) = await ManagerAsync();

        using var first = await client.PostAsync(Members, new { email = _email }, _key);
        using var second = await client.PostAsync(Members, new { email = $" {_email}", name = _email.Split('@')[0] }, _key);

        var (added, repeated) = (await first.JsonAsync(HttpStatusCode.Created), await second.JsonAsync(HttpStatusCode.Created));
        Assert.StartsWith("http", added.GetProperty("invitation").Text("link"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, repeated.GetProperty("invitation").GetProperty("link").ValueKind);
        Assert.Equal(added.GetProperty("member").ToString(), repeated.GetProperty("member").ToString());
        Assert.Equal((first.Headers.Location, first.Headers.ETag), (second.Headers.Location, second.Headers.ETag));
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(2L, await api.ScalarAsync<long>("SELECT count(*) FROM memberships WHERE tenant_id = $1", tenant));
        await AssertKeptWithoutAsync(added.GetProperty("invitation").Text("link").Split('#')[1]);
        var other = await (await client.PostAsync(Members, new { email = $"x{_email}" }, _key)).ProblemAsync(422);
        Assert.Equal(["Idempotency-Key"], other.Fields());
    }

    [Fact]
    public async Task Repeated_request_for_a_key_makes_one_and_doesnt_show_it()
    {
        var (tenant, client) = await ManagerAsync();
        var body = new { name = "Machine", scopes = new[] { Permissions.ContactsRead } };

        using var first = await client.PostAsync(Keys, body, _key);
        using var second = await client.PostAsync(Keys, body, _key);

        var (created, repeated) = (await first.JsonAsync(HttpStatusCode.Created), await second.JsonAsync(HttpStatusCode.Created));
        Assert.Equal((created.Text("id"), JsonValueKind.Null), (repeated.Text("id"), repeated.GetProperty("key").ValueKind));
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.True(second.Headers.CacheControl!.NoStore);
        await AssertKeptWithoutAsync(created.Text("key")[11..]);
        using var machine = api.CreateClient(created.Text("key"));
        await (await machine.GetAsync("/api/contacts?limit=1")).JsonAsync();
        await (await client.PostAsync(Keys, new { name = "Another", scopes = body.scopes }, _key)).ProblemAsync(422);
        Assert.Equal(1L, await api.ScalarAsync<long>("SELECT count(*) FROM api_keys WHERE tenant_id = $1", tenant));
    }

    [Theory]
    [InlineData(Members, "memberships", 2)]
    [InlineData(Keys, "api_keys", 1)]
    public async Task Fifty_at_once_create_one_and_show_its_secret_to_one(string url, string table, long rows)
    {
        var (tenant, client) = await ManagerAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.PostAsync(
            url, new { email = _email, name = "Fifty", scopes = new[] { Permissions.ContactsRead }, roles = Array.Empty<string>() }, _key)));

        // A request that finds the first one still running for long is told to come back, and gets the same then.
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.Conflict }));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created && !answer.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(rows, await api.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE tenant_id = $1", tenant));
    }

    private async Task AssertKeptWithoutAsync(string secret) => Assert.False(await api.ScalarAsync<bool>(
        "SELECT convert_from(body, 'UTF8') || headers::text LIKE '%' || $2 || '%' FROM idempotency_records WHERE key = $1", _key, secret));

    private async Task<(Guid Tenant, HttpClient Client)> ManagerAsync()
    {
        var tenant = await api.AddTenantAsync("enterprise");
        return (tenant, await api.SignInAsync(await api.AddUserAsync(tenant, TestUsers.AllPermissions)));
    }
}
