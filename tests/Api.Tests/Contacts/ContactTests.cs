using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Platform.Api.Tests.Contacts;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class ContactTests(ApiFixture api)
{
    private static int _count;

    [Fact]
    public async Task Create_then_get_gives_the_contact_tidied()
    {
        var client = await api.Acme;
        var email = NewEmail();

        using var response = await client.PostAsync(
            "/api/contacts", new { name = "  Zo\u0065\u0308 Tester ", email = $" {email} ", phone = "0044 7700 900-999" });
        var created = await response.JsonAsync(HttpStatusCode.Created);

        Assert.Equal("Zo\u00EB Tester", created.Text("name"));
        Assert.Equal("+447700900999", created.Text("phone"));
        Assert.Equal($"/api/contacts/{created.Text("id")}", response.Headers.Location!.ToString());
        Assert.Equal("\"1\"", response.Headers.ETag!.Tag);
        Assert.Equal(7, created.GetProperty("id").GetGuid().Version);
        var read = await (await client.GetAsync(response.Headers.Location)).JsonAsync();
        Assert.Equal(created.ToString(), read.ToString());
        using var deleted = await client.DeleteAsync(response.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"","email":"a@b.example"}""", "name")]
    [InlineData("""{"email":"a@b.example"}""", "name")]
    [InlineData("""{"name":"A","email":"not an address"}""", "email")]
    [InlineData("""{"name":"A","email":"a@localhost"}""", "email")]
    [InlineData("""{"name":"A","phone":"call me"}""", "phone")]
    [InlineData("""{"name":"A","phone":"12345"}""", "phone")]
    [InlineData("""{"name":"A"}""", "email")]
    [InlineData("""{"name":"A\u0000B","email":"a@b.example"}""", "name")]
    [InlineData("""{"name":"A\u0007B","email":"a@b.example"}""", "name")]
    [InlineData("""{"name":"A","email":"a\r\nBcc:x@b.example"}""", "email")]
    public async Task Create_with_an_invalid_field_names_it(string body, string field)
    {
        var problem = await (await PostRawAsync(body)).ProblemAsync(422);

        Assert.Equal([field], problem.Fields());
    }

    [Fact]
    public async Task Create_with_too_long_a_name_names_it()
    {
        using var response = await PostRawAsync($$"""{"name":"{{new string('x', 201)}}","email":"a@b.example"}""");

        Assert.Equal(["name"], (await response.ProblemAsync(422)).Fields());
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("[]", 400)]
    [InlineData("null", 400)]
    [InlineData("\"text\"", 400)]
    [InlineData("""{"name":{"deep":1},"email":"a@b.example"}""", 400)]
    [InlineData("""{"name":"A","name":"B","email":"a@b.example"}""", 400)]
    [InlineData("""{"name":"\ud800","email":"a@b.example"}""", 400)]
    public async Task Create_with_malformed_json_is_400(string body, int status) => await (await PostRawAsync(body)).ProblemAsync(status);

    [Fact]
    public async Task Create_with_invalid_utf8_is_400()
    {
        using var content = new ByteArrayContent([.. "{\"name\":\""u8, 0xFF, 0xFE, .. "\",\"email\":\"a@b.example\"}"u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await (await api.Acme).PostAsync("/api/contacts", content);
        await response.ProblemAsync(400);
    }

    [Fact]
    public async Task Create_nested_a_thousand_deep_is_400() =>
        await (await PostRawAsync($"{{\"name\":{new string('[', 1000)}{new string(']', 1000)}}}")).ProblemAsync(400);

    [Fact]
    public async Task Create_with_a_10_megabyte_body_is_413()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/contacts")
        {
            Content = new StringContent($$"""{"name":"{{new string('x', 10 * 1024 * 1024)}}"}""", Encoding.UTF8, "application/json"),
        };
        // A client that sends without asking may find the connection closed before it can read why.
        request.Headers.ExpectContinue = true;
        using var response = await (await api.Acme).SendAsync(request);
        await response.ProblemAsync(413);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    public async Task Create_with_another_content_type_is_415(string type)
    {
        using var content = new StringContent("<x/>", Encoding.UTF8, type);
        using var response = await (await api.Acme).PostAsync("/api/contacts", content);
        await response.ProblemAsync(415);
    }

    [Fact]
    public async Task Create_with_the_address_or_number_of_another_contact_is_409()
    {
        var client = await api.Acme;
        var (email, phone) = (NewEmail(), NewPhone());
        await client.CreateAsync("/api/contacts", new { name = "First", email, phone });

        using var byEmail = await client.PostAsync("/api/contacts", new { name = "Second", email = email.ToUpperInvariant() });
        using var byPhone = await client.PostAsync("/api/contacts", new { name = "Second", phone = $"{phone[..5]} {phone[5..]}" });

        Assert.Equal(["email"], (await byEmail.ProblemAsync(409)).Fields());
        Assert.Equal(["phone"], (await byPhone.ProblemAsync(409)).Fields());
        // Unique in a tenant, not beyond: nobody learns what others have.
        await (await api.Globex).CreateAsync("/api/contacts", new { name = "Elsewhere", email, phone });
    }

    [Fact]
    public async Task Update_changes_the_contact_and_its_version()
    {
        var client = await api.Acme;
        var (id, etag) = await CreateAsync(client);
        var email = NewEmail();

        using var response = await PutAsync(client, id, new { name = "Changed", email }, etag);
        var updated = await response.JsonAsync();

        Assert.Equal(("Changed", email, 2L), (updated.Text("name"), updated.Text("email"), updated.GetProperty("version").GetInt64()));
        Assert.Equal("\"2\"", response.Headers.ETag!.Tag);
        Assert.True(updated.GetProperty("updatedAt").GetDateTimeOffset() > updated.GetProperty("createdAt").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("\"7\"")]
    [InlineData("W/\"1\"")]
    [InlineData("\"one\"")]
    public async Task Update_or_delete_of_another_version_is_412(string etag)
    {
        var client = await api.Acme;
        var (id, _) = await CreateAsync(client);

        await (await PutAsync(client, id, new { name = "Changed", email = NewEmail() }, etag)).ProblemAsync(412);
        using var delete = new HttpRequestMessage(HttpMethod.Delete, $"/api/contacts/{id}");
        delete.Headers.TryAddWithoutValidation("If-Match", etag);
        await (await client.SendAsync(delete)).ProblemAsync(412);
        Assert.Equal("Tester", (await (await client.GetAsync($"/api/contacts/{id}")).JsonAsync()).Text("name"));
    }

    [Theory]
    [InlineData("*")]
    [InlineData(null)]
    [InlineData("\"9\", \"1\"")]
    public async Task Update_that_allows_the_version_succeeds(string? etag)
    {
        var client = await api.Acme;
        var (id, _) = await CreateAsync(client);

        using var response = await PutAsync(client, id, new { name = "Changed", email = NewEmail() }, etag);

        await response.JsonAsync();
    }

    [Fact]
    public async Task Update_by_two_at_once_from_one_version_succeeds_once()
    {
        var client = await api.Acme;
        var (id, etag) = await CreateAsync(client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(i => PutAsync(client, id, new { name = $"Writer {i}", email = NewEmail() }, etag)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Get_of_a_known_version_is_304()
    {
        var client = await api.Acme;
        var (id, etag) = await CreateAsync(client);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/contacts/{id}");
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(etag));

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Unknown_id_is_404_for_every_method()
    {
        var client = await api.Acme;
        foreach (var id in new[] { Guid.NewGuid().ToString(), "not-an-id", "1", "%27%20OR%201=1" })
        {
            await (await client.GetAsync($"/api/contacts/{id}")).ProblemAsync(404);
            await (await client.PutAsJsonAsync($"/api/contacts/{id}", new { name = "x", email = "x@y.example" })).ProblemAsync(404);
            await (await client.DeleteAsync($"/api/contacts/{id}")).ProblemAsync(404);
        }
    }

    [Fact]
    public async Task Wrong_method_is_405()
    {
        using var response = await (await api.Acme).PatchAsync($"/api/contacts/{Guid.NewGuid()}", null);
        await response.ProblemAsync(405);
        Assert.NotEmpty(response.Content.Headers.Allow);
    }

    internal static string NewEmail() => $"test-{Interlocked.Increment(ref _count)}-{Guid.NewGuid():N}@example.com";

    internal static string NewPhone() => $"+1202555{Random.Shared.Next(1_000_000, 9_999_999)}";

    private static async Task<(string Id, string ETag)> CreateAsync(HttpClient client)
    {
        using var response = await client.PostAsync(
            "/api/contacts", new { name = "Tester", email = NewEmail() });
        return ((await response.JsonAsync(HttpStatusCode.Created)).Text("id"), response.Headers.ETag!.Tag);
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string id, object body, string? etag)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/api/contacts/{id}") { Content = JsonContent.Create(body) };
        if (etag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        return client.SendAsync(request);
    }

    private async Task<HttpResponseMessage> PostRawAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await (await api.Acme).PostAsync("/api/contacts", content);
    }
}
