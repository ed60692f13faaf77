using System.Net;

namespace Platform.Api.Tests.RateLimits;

[Collection(ApiTests.Name)]
public sealed class RateLimitHeaderTests(ApiFixture api)
{
    [Theory, Trait("Req", "E3")]
    [InlineData("/api/contacts", 401)]
    [InlineData("/api/nowhere", 401)]
    [InlineData("/api/health", 200)]
    public async Task Anonymous_answers_carry_all_headers(string url, int status)
    {
        using var response = await api.Anonymous.GetAsync(url);

        Assert.Equal(status, (int)response.StatusCode);
        response.AssertLimitHeaders();
    }

    [Theory, Trait("Req", "E3")]
    [InlineData("GET", "/api/contacts", 200)]
    [InlineData("GET", "/api/nowhere", 404)]
    [InlineData("PATCH", "/api/contacts", 405)]
    [InlineData("GET", "/api/contacts?limit=x", 400)]
    [InlineData("POST", "/api/contacts", 415)]
    public async Task Every_answer_to_a_tenant_carries_all_headers(string method, string url, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), url);
        if (method == "POST")
            request.Content = new StringContent("x");

        using var response = await (await api.Acme).SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        response.AssertLimitHeaders();
    }

    [Theory, Trait("Req", "E3")]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/.well-known/jwks.json")]
    public async Task Probes_and_documents_are_not_counted(string url)
    {
        using var response = await api.Anonymous.GetAsync(url);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("X-RateLimit-Limit"));
    }
}
