using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "D4")]
public sealed class ProblemDetailsTests
{
    private const string Internal = "server=db.internal;password=secret";

    public static TheoryData<string, string, string?, int> Errors => new()
    {
        { "GET", "/nothing", null, 404 },
        { "DELETE", "/contacts", null, 405 },
        { "POST", "/contacts", "{ \"name\": ", 400 },
        { "POST", "/contacts", "{ \"age\": \"many\" }", 400 },
        { "GET", "/number?value=many", null, 400 },
        { "POST", "/upload", "0123456789ABCDEF", 413 },
        { "GET", "/boom", null, 500 },
        { "GET", "/forbidden", null, 403 },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public Task Error_in_production_is_problem_json_without_internals(string method, string path, string? body, int status) =>
        AssertProblemAsync("Production", method, path, body, status);

    [Theory]
    [MemberData(nameof(Errors))]
    public Task Error_in_development_is_problem_json_without_internals(string method, string path, string? body, int status) =>
        AssertProblemAsync("Development", method, path, body, status);

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/event-stream")]
    [InlineData("application/xml")]
    public async Task Error_is_problem_json_whatever_the_client_accepts(string accept)
    {
        await using var app = await StartAsync("Production");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/boom");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));

        using var response = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Problem_an_endpoint_describes_keeps_its_words_and_gets_a_trace_id()
    {
        await using var app = await StartAsync("Production");

        var (trace, response) = await app.SendTracedAsync("/conflict");
        using var _ = response;

        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("The e-mail is taken", problem.GetProperty("title").GetString());
        Assert.Equal("email", problem.GetProperty("field").GetString());
        Assert.Equal(trace.ToHexString(), problem.GetProperty("traceId").GetString());
    }

    [Fact]
    public async Task Validation_problem_names_the_fields()
    {
        await using var app = await StartAsync("Production");

        using var response = await app.Client.GetAsync("/invalid");

        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("too long", problem.GetProperty("errors").GetProperty("name")[0].GetString());
        Assert.Equal(32, problem.GetProperty("traceId").GetString()!.Length);
    }

    private static async Task AssertProblemAsync(string environment, string method, string path, string? body, int status)
    {
        await using var app = await StartAsync(environment);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await app.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.Equal(32, problem.GetProperty("traceId").GetString()!.Length);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Platform.", text, StringComparison.Ordinal);
    }

    private static Task<TestApp> StartAsync(string environment) => TestApp.StartAsync(
        builder => builder.AddPlatformProblemDetails(),
        app =>
        {
            app.UsePlatformProblemDetails();
            app.MapPost("/contacts", (Contact contact) => contact);
            app.MapGet("/number", (int value) => value);
            app.MapPost("/upload", async (HttpRequest request) =>
            {
                using var copy = new MemoryStream();
                await request.Body.CopyToAsync(copy);
            }).WithMetadata(new SmallBody());
            app.MapGet("/boom", string () => throw new InvalidOperationException(Internal));
            app.MapGet("/forbidden", () => Results.StatusCode(403));
            app.MapGet("/conflict", () => Results.Problem(
                title: "The e-mail is taken", statusCode: 409, extensions: new Dictionary<string, object?> { ["field"] = "email" }));
            app.MapGet("/invalid", () => Results.ValidationProblem(new Dictionary<string, string[]> { ["name"] = ["too long"] }));
        },
        environment);

    private sealed record Contact(string Name, int Age);

    private sealed class SmallBody : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => 10;
    }
}
