using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Platform.Api.Tests.Http;

[Collection(ApiTests.Name)]
public sealed class AnswerTests(ApiFixture api)
{
    [Theory]
    [Trait("Req", "D3")]
    [InlineData("/api/health", 200)]
    [InlineData("/api/contacts", 401)]
    [InlineData("/nowhere", 401)]
    [InlineData("/api/contacts?limit=x", 401)]
    public async Task Every_answer_tells_its_time(string url, int status)
    {
        using var response = await api.Anonymous.GetAsync(url);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Matches("^[0-9]+ms$", response.Headers.GetValues("X-Response-Time").Single());
    }

    [Fact]
    [Trait("Req", "D4")]
    public async Task Unknown_address_is_a_404_problem_whatever_the_client_accepts()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/nowhere");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));

        await (await (await api.Acme).SendAsync(request)).ProblemAsync(404);
    }

    [Fact]
    [Trait("Req", "D4")]
    public async Task Openapi_document_describes_the_calls()
    {
        var document = await (await api.Anonymous.GetAsync("/openapi/v1.json")).JsonAsync();
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();

        string[] expected =
        [
            "/api/auth/login", "/api/contacts", "/api/contacts/{id}", "/api/imports", "/api/jobs/{id}/status", "/api/realtime/ticket",
            "/api/health", "/api/events", "/api/events/{id}", "/api/events/{id}/cancel", "/api/professionals",
            "/api/campaigns", "/api/campaigns/{id}/schedule", "/api/campaigns/{id}/recipients",
        ];
        Assert.Empty(expected.Except(paths));
        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").Text("scheme"));
    }

    [Theory]
    [Trait("Req", "C8")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/.well-known/jwks.json")]
    [InlineData("/.well-known/openid-configuration")]
    public async Task Public_answer_has_a_tag_and_isnt_sent_twice(string url)
    {
        string? tag = null;
        for (var round = 0; round < 3; round++)
        {
            using var answer = await api.Anonymous.GetAsync(url);
            await answer.JsonAsync();
            Assert.False(answer.Headers.ETag!.IsWeak);
            Assert.Equal(tag ??= answer.Headers.ETag.Tag, answer.Headers.ETag.Tag);
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            using var known = await api.Anonymous.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
            Assert.Empty(await known.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    [Trait("Req", "D7")]
    public async Task Health_reports_each_component_with_state_and_time()
    {
        var report = await (await api.Anonymous.GetAsync("/api/health")).JsonAsync();

        Assert.Equal("healthy", report.Text("status"));
        foreach (var name in new[] { "database", "cache", "queue", "memory" })
        {
            var component = report.GetProperty("components").GetProperty(name);
            Assert.Equal("healthy", component.Text("status"));
            Assert.True(component.GetProperty("responseTimeMs").GetDouble() >= 0);
        }
        Assert.Equal(HttpStatusCode.OK, (await api.Anonymous.GetAsync("/health")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Anonymous.GetAsync("/alive")).StatusCode);
    }

    [Theory]
    [Trait("Req", "D6")]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Answers_are_compressed(string encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/contacts");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));

        using var response = await (await api.Acme).SendAsync(request);

        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.Single());
    }

    [Fact]
    [Trait("Req", "G1")]
    public async Task Realtime_ticket_is_given_for_the_callers_tenant()
    {
        using var response = await (await api.Acme).PostAsync("/api/realtime/ticket", null);
        var ticket = await response.JsonAsync();

        Assert.Equal(64, ticket.Text("ticket").Length);
        Assert.InRange((ticket.GetProperty("expiresAt").GetDateTimeOffset() - DateTimeOffset.UtcNow).TotalSeconds, 1, 31);
        Assert.True(response.Headers.CacheControl!.NoStore);
    }
}
