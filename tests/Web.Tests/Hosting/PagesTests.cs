using System.Net;
using System.Text.RegularExpressions;
using Platform.Data.Seed;

namespace Platform.Web.Tests.Hosting;

[Collection(PlatformTests.Name)]
public sealed partial class PagesTests(PlatformStack stack)
{
    [Fact]
    [Trait("Req", "B1")]
    public async Task Contacts_first_picture_has_the_tenants_own_rows_only()
    {
        var acme = await stack.ReaderAsync(DemoAccounts.AcmeAdmin);
        var globex = await stack.ReaderAsync(DemoAccounts.GlobexAdmin);

        var ours = RowIds(await acme.GetStringAsync("/contacts"));
        var theirs = RowIds(await globex.GetStringAsync("/contacts"));

        Assert.NotEmpty(ours);
        Assert.NotEmpty(theirs);
        Assert.Empty(ours.Intersect(theirs));
    }

    [Fact]
    [Trait("Req", "H1")]
    public async Task Contacts_search_and_page_come_from_the_address()
    {
        var visitor = await stack.ReaderAsync(DemoAccounts.AcmeAdmin);

        var none = await visitor.GetStringAsync("/contacts?q=nobody-has-this-name");
        var second = RowIds(await visitor.GetStringAsync("/contacts?page=2"));

        Assert.Contains("Nothing matches", none, StringComparison.Ordinal);
        Assert.NotEmpty(second);
        Assert.Empty(second.Intersect(RowIds(await visitor.GetStringAsync("/contacts"))));
    }

    [Theory]
    [Trait("Req", "H1")]
    [InlineData("/", "Latest imports")]
    [InlineData("/import", "Earlier imports")]
    [InlineData("/contacts", "Contacts")]
    public async Task Page_is_complete_without_script(string address, string words)
    {
        var visitor = await stack.ReaderAsync(DemoAccounts.AcmeAdmin);

        var page = await visitor.GetStringAsync(new Uri(address, UriKind.Relative));

        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.Single(Heading().Matches(page));
        Assert.Contains("<html lang=\"en\"", page, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Req", "H1")]
    public async Task Unknown_address_is_a_404_with_a_way_out()
    {
        using var visitor = stack.CreateVisitor();

        using var answer = await visitor.GetAsync("/nowhere/to/be/found");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is no such page", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Req", "H5")]
    [InlineData("theme=dark", "data-theme=\"dark\"")]
    [InlineData("theme=light", "data-theme=\"light\"")]
    public async Task Chosen_colours_are_in_the_first_picture(string cookie, string attribute)
    {
        using var visitor = new HttpClient { BaseAddress = stack.Web };
        visitor.DefaultRequestHeaders.Add("Cookie", cookie);

        Assert.Contains(attribute, await visitor.GetStringAsync("/sign-in"), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Req", "H5")]
    [InlineData("theme=\"><script>")]
    [InlineData("theme=blue")]
    public async Task Unknown_colours_are_left_out(string cookie)
    {
        using var visitor = new HttpClient { BaseAddress = stack.Web };
        visitor.DefaultRequestHeaders.TryAddWithoutValidation("Cookie", cookie);

        Assert.DoesNotContain("data-theme", await visitor.GetStringAsync("/sign-in"), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Req", "H1")]
    [InlineData("/sign-in")]
    [InlineData("/nowhere")]
    [InlineData("/contacts")]
    [InlineData("/favicon.svg")]
    public async Task Every_answer_carries_the_security_headers(string address)
    {
        using var visitor = stack.CreateVisitor();

        using var answer = await visitor.GetAsync(new Uri(address, UriKind.Relative));

        var policy = string.Join(';', answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
    }

    [Theory]
    [Trait("Req", "H1")]
    [InlineData("/sign-in")]
    [InlineData("/nowhere")]
    public async Task Pages_have_nothing_the_policy_refuses(string address)
    {
        using var visitor = stack.CreateVisitor();
        using var answer = await visitor.GetAsync(new Uri(address, UriKind.Relative));

        var page = await answer.Content.ReadAsStringAsync();

        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)", page);
        Assert.DoesNotMatch(""" on[a-z]+=""", page);
        Assert.DoesNotMatch("""(src|href)="(https?:)?//""", page);
    }

    [Fact]
    [Trait("Req", "H3")]
    public async Task First_load_is_under_200_KB_compressed()
    {
        var visitor = await stack.ReaderAsync(DemoAccounts.AcmeAdmin);

        var page = await visitor.GetStringAsync("/contacts");
        long total = System.Text.Encoding.UTF8.GetByteCount(page);
        var assets = Asset().Matches(page).Select(match => match.Groups[1].Value).Distinct().ToArray();
        foreach (var asset in assets)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/" + asset, UriKind.Relative));
            request.Headers.Add("Accept-Encoding", "gzip");
            using var answer = await visitor.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, asset);
            total += (await answer.Content.ReadAsByteArrayAsync()).Length;
        }

        Assert.Contains(assets, asset => asset.Contains("blazor.web", StringComparison.Ordinal));
        Assert.InRange(total, 1, 200_000);
    }

    [Fact]
    [Trait("Req", "D6")]
    public async Task Assets_of_a_page_carry_a_fingerprint()
    {
        using var visitor = stack.CreateVisitor();

        var assets = Asset().Matches(await visitor.GetStringAsync("/sign-in")).Select(match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(assets);
        Assert.All(assets, asset => Assert.Matches("""\.[a-z0-9]{10}\.(css|js|svg)$""", asset));
    }

    private static List<string> RowIds(string page) => [.. RowId().Matches(page).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("""data-testid="contact-row" data-id="([^"]+)""")]
    private static partial Regex RowId();

    [GeneratedRegex("<h1")]
    private static partial Regex Heading();

    [GeneratedRegex("""(?:href|src)="([^"]+\.(?:css|js|svg))""")]
    private static partial Regex Asset();
}
