using System.Net;
using System.Text.RegularExpressions;
using Platform.Testing;

namespace Platform.Api.Tests.Http;

/// <summary>The page to try the API by hand.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D4")]
public sealed partial class ApiPageTests(ApiFixture api)
{
    [Fact]
    public async Task Page_brings_all_its_files_itself()
    {
        using var page = await api.Anonymous.GetAsync("/swagger");
        var html = await page.Content.ReadAsStringAsync();
        var files = FileName().Matches(html).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("./swagger-ui.css", files);
        foreach (var file in files)
        {
            using var answer = await api.Anonymous.GetAsync(new Uri(page.RequestMessage!.RequestUri!, file));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(api.Anonymous.BaseAddress!.Authority, answer.RequestMessage!.RequestUri!.Authority);
        }
        Assert.Contains("/openapi/v1.json", await api.Anonymous.GetStringAsync("/swagger/index.js"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_may_ask_nobody_else_and_be_framed_by_nobody()
    {
        using var page = await api.Anonymous.GetAsync("/swagger/index.html");

        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_isnt_its_file_is_a_problem_as_elsewhere()
    {
        await (await (await api.Acme).GetAsync("/swagger/nothing")).ProblemAsync(404);
    }

    [Fact]
    public async Task Document_says_which_calls_need_no_token()
    {
        var document = await (await api.Anonymous.GetAsync("/openapi/v1.json")).JsonAsync();
        var paths = document.GetProperty("paths");

        Assert.Equal(0, paths.GetProperty("/api/auth/login").GetProperty("post").GetProperty("security").GetArrayLength());
        Assert.False(paths.GetProperty("/api/contacts").GetProperty("get").TryGetProperty("security", out _));
        Assert.Equal(1, document.GetProperty("security").GetArrayLength());
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]+)\"")]
    private static partial Regex FileName();
}
