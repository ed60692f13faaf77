using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.Api.Tests.Http;

/// <summary>
/// Every field of every body the OpenAPI document describes, each wrong in every way, the rest right; and bodies of ten
/// megabytes.
/// </summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D4")]
public sealed class HostileFieldTests(ApiFixture api)
{
    private static readonly string[] Values =
    [
        "null", "true", "-1", "1.5", "1e400", "123456789012345678901234567890", "\"\"", "\"  \"", "\"\\u0000\"", "\"\\ud800\"", "{}", "[]",
        "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "{\"a\":{\"b\":[null]}}", "\"'; DROP TABLE contacts; --\"", "\"x\\r\\nX-Injected: y\"",
        "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00Z\"", "\"2026-13-45\"", "\"00000000-0000-0000-0000-000000000000\"",
        "\"../../etc/passwd\"", "\"<script>alert(1)</script>\"", "\"http://127.0.0.1:1/\"", "\"=cmd()\"", $"\"{new string('x', 20_000)}\"",
        $"[{string.Join(',', Enumerable.Repeat("\"x\"", 5_000))}]",
    ];

    [Fact]
    public async Task Any_value_in_any_field_is_answered_without_a_server_error()
    {
        var caller = await api.Acme;
        foreach (var operation in (await ApiOperation.AllAsync(api)).Where(operation => operation.HasBody && !EndsSessions(operation)))
        {
            var url = operation.Url(Guid.CreateVersion7().ToString());
            foreach (var field in operation.Body(Guid.CreateVersion7()).Select(property => property.Key))
            {
                foreach (var value in Values)
                {
                    // Written by hand: some of the values aren't what a serialiser would let through.
                    var body = operation.Body(Guid.CreateVersion7());
                    body[field] = "\u0001here\u0001";
                    var text = body.ToJsonString().Replace("\"\\u0001here\\u0001\"", value, StringComparison.Ordinal);
                    await CheckAsync(caller, operation, url, Encoding.UTF8.GetBytes(text), $"{field} = {value[..Math.Min(40, value.Length)]}");
                }
            }
        }
    }

    [Fact]
    public async Task Ten_megabytes_are_refused_or_read_but_never_a_server_error()
    {
        var caller = await api.Acme;
        var large = Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('x', 10_000_000)}\"}}");
        foreach (var operation in (await ApiOperation.AllAsync(api)).Where(operation => operation.HasBody))
            await CheckAsync(caller, operation, operation.Url(Guid.CreateVersion7().ToString()), large, "10 MB");
    }

    [Fact]
    public async Task Any_text_in_any_query_parameter_is_answered_without_a_server_error()
    {
        var caller = await api.Acme;
        foreach (var operation in (await ApiOperation.AllAsync(api)).Where(operation => operation.Method == HttpMethod.Get))
        {
            foreach (var name in operation.Query)
            {
                foreach (var value in new[] { "", "%00", "%FF", "-1", "99999999999999999999", "'%20OR%201=1", "%0d%0aX-Injected:y", "%ED%A0%80", "0001-01-01", "9999-12-31T23:59:59.9999999Z", new string('x', 3_000) })
                {
                    var url = $"{operation.Url(Guid.CreateVersion7().ToString())}?{name}={value}";
                    await CheckAsync(caller, operation, url, null, url[..Math.Min(120, url.Length)]);
                }
            }
        }
    }

    private static bool EndsSessions(ApiOperation operation) =>
        operation.Name.Contains("/auth/", StringComparison.Ordinal) && !operation.Name.EndsWith("/login", StringComparison.Ordinal);

    private static async Task CheckAsync(HttpClient caller, ApiOperation operation, string url, byte[]? body, string what)
    {
        using var request = new HttpRequestMessage(operation.Method, url);
        // A server may refuse a large body unread and hang up; the client then waits for that answer and doesn't send on.
        request.Headers.ExpectContinue = body?.Length > 1_000_000;
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await caller.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var answer = $"{operation.Name} answered {(int)response.StatusCode} to {what}: {text[..Math.Min(500, text.Length)]}";
        Assert.True((int)response.StatusCode < 500, answer);
        Assert.False(response.Headers.Contains("X-Injected"), answer);
        if ((int)response.StatusCode < 400)
            return;
        Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", answer);
        foreach (var inner in new[] { "   at ", "Npgsql", "Platform.", "System." })
            Assert.False(text.Contains(inner, StringComparison.Ordinal), answer);
        Assert.Equal(JsonValueKind.Object, JsonNode.Parse(text)!.GetValueKind());
    }
}
