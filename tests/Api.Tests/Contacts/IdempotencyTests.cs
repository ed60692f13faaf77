using System.Net;
using System.Net.Http.Json;
using Npgsql;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Contacts;

[Collection(ApiTests.Name)]
[Trait("Req", "D5")]
public sealed class IdempotencyTests(ApiFixture api)
{
    [Fact]
    public async Task Repeated_request_creates_once_and_gets_the_first_answer()
    {
        var client = await api.Acme;
        var (key, body) = (Guid.NewGuid().ToString(), Body());

        using var first = await client.PostAsync("/api/contacts", body, key);
        using var second = await client.PostAsync("/api/contacts", body, key);

        var created = await first.JsonAsync(HttpStatusCode.Created);
        Assert.Equal(created.ToString(), (await second.JsonAsync(HttpStatusCode.Created)).ToString());
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task Fifty_at_once_create_one_row_and_get_one_answer()
    {
        var client = await api.Acme;
        var (key, email) = (Guid.NewGuid().ToString(), ContactTests.NewEmail());

        var answers = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(_ => client.PostAsync("/api/contacts", new { name = "Once", email }, key)));

        // A request that finds the first one still running for long is told to come back, and gets the same then.
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.Conflict }));
        var bodies = new List<string>();
        foreach (var answer in answers.Where(answer => answer.StatusCode == HttpStatusCode.Created))
            bodies.Add(await answer.Content.ReadAsStringAsync());
        Assert.Single(bodies.Distinct());
        Assert.Equal(1L, await api.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE email = $1", email));
    }

    [Fact]
    public async Task Same_key_with_another_body_is_422()
    {
        var client = await api.Acme;
        var key = Guid.NewGuid().ToString();
        await (await client.PostAsync("/api/contacts", Body(), key)).JsonAsync(HttpStatusCode.Created);

        await (await client.PostAsync("/api/contacts", Body(), key)).ProblemAsync(422);
    }

    [Fact]
    public async Task Key_in_flight_is_409_for_the_same_body_and_422_for_another()
    {
        var client = await api.Acme;
        var (key, email) = (Guid.NewGuid().ToString(), ContactTests.NewEmail());
        // Another connection inserts the same address and doesn't commit: the first request has to wait for it.
        await using var connection = await api.Admin.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand(
            "INSERT INTO contacts (tenant_id, id, name, email) VALUES ($1, gen_random_uuid(), 'Blocker', $2)", connection))
        {
            insert.Parameters.AddWithValue(DemoAccounts.Acme);
            insert.Parameters.AddWithValue(email);
            await insert.ExecuteNonQueryAsync();
        }
        var first = client.PostAsync("/api/contacts", new { name = "Slow", email }, key);
        await Testing.Eventually.TrueAsync(async () => await api.ScalarAsync<long>(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO contacts%'
            """) > 0);

        using var other = await client.PostAsync("/api/contacts", Body(), key);
        using var same = await client.PostAsync("/api/contacts", new { name = "Slow", email }, key);

        await other.ProblemAsync(422);
        await same.ProblemAsync(409);
        Assert.NotNull(same.Headers.RetryAfter);
        await transaction.RollbackAsync();
        await (await first).JsonAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Failed_request_is_tried_anew_with_the_same_key()
    {
        var client = await api.Acme;
        var key = Guid.NewGuid().ToString();
        var email = ContactTests.NewEmail();
        var existing = await client.CreateAsync("/api/contacts", new { name = "In the way", email });
        await (await client.PostAsync("/api/contacts", new { name = "Again", email }, key)).ProblemAsync(409);
        await client.DeleteAsync($"/api/contacts/{existing.Text("id")}");

        await (await client.PostAsync("/api/contacts", new { name = "Again", email }, key)).JsonAsync(HttpStatusCode.Created);
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Key_of_one_tenant_means_nothing_in_another()
    {
        var (key, body) = (Guid.NewGuid().ToString(), Body());
        var first = await (await (await api.Acme).PostAsync("/api/contacts", body, key)).JsonAsync(HttpStatusCode.Created);

        var second = await (await (await api.Globex).PostAsync("/api/contacts", body, key)).JsonAsync(HttpStatusCode.Created);

        Assert.NotEqual(first.Text("id"), second.Text("id"));
    }

    [Theory]
    [InlineData("has space")]
    [InlineData("")]
    [InlineData("{201}")]
    public async Task Malformed_key_is_400(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/contacts") { Content = JsonContent.Create(Body()) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key.Replace("{201}", new string('k', 201), StringComparison.Ordinal));

        await (await (await api.Acme).SendAsync(request)).ProblemAsync(400);
    }

    private static object Body() => new { name = "Keyed", email = ContactTests.NewEmail() };
}
