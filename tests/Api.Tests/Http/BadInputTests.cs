using System.Net.Http.Headers;
using System.Text;

namespace Platform.Api.Tests.Http;

/// <summary>Whatever comes in, on every route: a clear answer, never a fault of the server.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D4")]
public sealed class BadInputTests(ApiFixture api)
{
    private static readonly string Long = new('x', 100_000);

    private static readonly byte[][] Bodies =
    [
        [], .. new[]
        {
            "{", "}", "[]", "null", "123", "\"text\"", "{}", "{\"\":\"\"}", "true", "// comment", "{'single':1}", "{\"name\":}",
            """{"name":[],"email":{},"phone":1.5e400,"password":[[]],"refreshToken":{"a":1}}""",
            """{"name":"\ud800","email":"\udc00","phone":"\u0000","password":"\ud800","refreshToken":"\u0000"}""",
            """{"name":"'; DROP TABLE contacts; --","email":"' OR 1=1 --","phone":"%00","password":"x","refreshToken":"' OR ''='"}""",
            """{"name":"a\r\nSet-Cookie: x=1","email":"a@b.example\r\nX: y","password":"\r\n","refreshToken":"\r\n"}""",
            $$"""{"name":"{{Long}}","email":"{{Long}}","phone":"{{Long}}","password":"{{Long}}","refreshToken":"{{Long}}"}""",
            new string('[', 5_000), $"{{\"name\":{new string('{', 5_000)}", "--b\r\n\r\n--b--", "name=a&email=b",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF, 0xFE, 0x7B, 0x00], [.. "{\"name\":\""u8, 0xC3, 0x28, .. "\"}"u8], [0, 0, 0, 0],
    ];

    private static readonly string?[] ContentTypes =
    [
        "application/json", "application/json; charset=utf-16", "text/plain", "multipart/form-data", "multipart/form-data; boundary=b",
        "application/x-www-form-urlencoded", null,
    ];

    private static readonly string[] Queries =
    [
        "?page=%FF", "?page=1e9&limit=NaN", "?page=-9223372036854775808", "?limit=%00", "?cursor=%00", "?cursor=....",
        "?cursor=v1.AAAA.AAAA",
        "?wait=NaN", "?wait=2147483648", "?search=%00%01%FF", "?search=%ED%A0%80", "?page=1&page=2", "?page=&limit=&cursor=&search=&wait=",
        "?search='%3B%20DROP%20TABLE%20contacts%3B--", "?%00=1", "?=&&&==", "?page[]=1", "?search=x%0d%0aX-Injected:%20y", "?search=%25",
    ];

    private static readonly (string Name, string Value)[] Headers =
    [
        ("If-Match", "garbage"), ("If-Match", "\"unclosed"), ("If-Match", "\"99999999999999999999999\""), ("If-None-Match", ",,,"),
        ("If-None-Match", "W/"), ("Idempotency-Key", new string('k', 5_000)), ("Idempotency-Key", "a, b"), ("Accept", "nonsense/*;q=x"),
        ("Accept-Encoding", "x;q=9"), ("Content-Encoding", "gzip"), ("X-Forwarded-For", "not-an-address, 999.1.1.1"),
        ("X-Forwarded-Proto", "javascript"), ("traceparent", "00-zz-zz-zz"),
        ("Range", "bytes=5-1"), ("X-HTTP-Method-Override", "DELETE"), ("Cookie", "=;;;=\u007f"),
    ];

    [Fact]
    public async Task Any_body_on_any_route_is_answered_without_a_server_error()
    {
        foreach (var (method, url) in Calls().Where(call => call.Method != HttpMethod.Get))
        {
            foreach (var type in ContentTypes)
            {
                // Another type than JSON isn't read any further, whatever the body.
                foreach (var body in type == ContentTypes[0] ? Bodies : Bodies[..4])
                {
                    using var content = new ByteArrayContent(body);
                    if (type is not null)
                        content.Headers.TryAddWithoutValidation("Content-Type", type);
                    var start = Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(60, body.Length)));
                    await CheckAsync(new HttpRequestMessage(method, url) { Content = content }, $"{type}: {start}");
                }
            }
        }
    }

    [Fact]
    public async Task Any_query_and_header_on_any_route_is_answered_without_a_server_error()
    {
        foreach (var (method, url) in Calls())
        {
            foreach (var query in Queries)
                await CheckAsync(new HttpRequestMessage(method, url + query), query);
            foreach (var (name, value) in Headers)
            {
                var request = new HttpRequestMessage(method, url);
                if (method != HttpMethod.Get)
                    request.Content = new StringContent("""{"name":"x"}""", new MediaTypeHeaderValue("application/json"));
                if (!request.Headers.TryAddWithoutValidation(name, value))
                    request.Content?.Headers.TryAddWithoutValidation(name, value);
                await CheckAsync(request, $"{name}: {value[..Math.Min(value.Length, 40)]}");
            }
        }
    }

    [Fact]
    public async Task Any_method_on_any_route_is_answered_without_a_server_error()
    {
        foreach (var url in Calls().Select(call => call.Url).Distinct())
        {
            foreach (var method in new[] { "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW" })
                await CheckAsync(new HttpRequestMessage(HttpMethod.Parse(method), url), method);
        }
    }

    private IEnumerable<(HttpMethod Method, string Url)> Calls() =>
        Routes.All(api).Select(route => (route.Method, Routes.Fill(route.Pattern, Guid.NewGuid())));

    private async Task CheckAsync(HttpRequestMessage request, string what)
    {
        using (request)
        {
            using var response = await (await api.Acme).SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            var answer = $"{request.Method} {request.RequestUri} answered {(int)response.StatusCode} to {what}: {body}";
            Assert.True((int)response.StatusCode < 500, answer);
            if ((int)response.StatusCode >= 400)
            {
                Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", answer);
                Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
            }
            Assert.False(response.Headers.Contains("X-Injected"));
        }
    }
}
