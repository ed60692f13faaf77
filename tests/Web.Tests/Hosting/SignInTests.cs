using System.Net;
using Platform.Data.Seed;
using Platform.Testing;

namespace Platform.Web.Tests.Hosting;

[Collection(PlatformTests.Name)]
[Trait("Req", "H1")]
public sealed class SignInTests(PlatformStack stack)
{
    [Fact]
    public async Task Get_page_when_anonymous_leads_to_sign_in_and_back()
    {
        using var visitor = stack.CreateVisitor();

        using var asked = await visitor.GetAsync("/contacts?q=anna");
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        Assert.Equal("/sign-in?returnUrl=%2Fcontacts%3Fq%3Danna", asked.Headers.Location!.PathAndQuery);

        using var signedIn = await visitor.SignInAsync(DemoAccounts.AcmeAdmin, page: asked.Headers.Location.PathAndQuery);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.EndsWith("/contacts?q=anna", signedIn.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_right_password_sets_a_cookie_scripts_cant_read_and_no_token()
    {
        using var visitor = stack.CreateVisitor();

        using var answer = await visitor.SignInAsync(DemoAccounts.AcmeAdmin);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), value => value.StartsWith("platform.session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("eyJ", cookie, StringComparison.Ordinal); // How a JWT begins.
        Assert.DoesNotContain("eyJhbGciOiJFUzI1Ni", await visitor.GetStringAsync("/contacts"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DemoAccounts.AcmeAdmin, "wrong")]
    [InlineData("nobody@acme.example", DemoAccounts.Password)]
    public async Task Post_wrong_password_or_unknown_address_says_the_same(string email, string password)
    {
        using var visitor = stack.CreateVisitor();

        using var answer = await visitor.SignInAsync(email, password);

        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("E-mail address or password is not right.", page, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [], value => value.StartsWith("platform.session=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_operator_account_is_told_where_it_belongs()
    {
        using var visitor = stack.CreateVisitor();

        using var answer = await visitor.SignInAsync(DemoAccounts.Operator);

        Assert.Contains("has no workspace", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_without_antiforgery_token_is_refused()
    {
        using var visitor = stack.CreateVisitor();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in", ["Input.Email"] = DemoAccounts.AcmeAdmin, ["Input.Password"] = DemoAccounts.Password,
        });

        using var answer = await visitor.PostAsync("/sign-in", form);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Post_foreign_return_address_leads_home()
    {
        using var visitor = stack.CreateVisitor();

        using var answer = await visitor.SignInAsync(DemoAccounts.AcmeAdmin, page: "/sign-in?returnUrl=%2F%2Felsewhere.example%2F");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/", new Uri(stack.Web, answer.Headers.Location!).PathAndQuery);
    }

    [Fact]
    public async Task Post_with_the_api_away_says_so()
    {
        var web = stack.StartWeb(("services:api:http:0", $"http://127.0.0.1:{PortFinder.FreePort()}"));
        using var visitor = stack.CreateVisitor(web);

        using var answer = await visitor.SignInAsync(DemoAccounts.AcmeAdmin);

        Assert.Contains("the service can&#x27;t be reached", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_ends_the_session_for_a_kept_cookie_as_well()
    {
        using var visitor = stack.CreateVisitor();
        using var signedIn = await visitor.SignInAsync(DemoAccounts.AcmeAdmin);
        var kept = signedIn.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("platform.session=", StringComparison.Ordinal)).Split(';')[0];
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = Visitor.AntiforgeryTokenIn(await visitor.GetStringAsync("/contacts")),
        });

        using var signedOut = await visitor.PostAsync("/sign-out", form);
        Assert.Equal("/sign-in", signedOut.Headers.Location!.ToString());

        using var thief = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = stack.Web };
        thief.DefaultRequestHeaders.Add("Cookie", kept);
        using var again = await thief.GetAsync("/contacts");
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
        Assert.Contains("ended=true", again.Headers.Location!.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_without_antiforgery_token_does_nothing()
    {
        using var visitor = stack.CreateVisitor();
        await visitor.SignedInAsync(DemoAccounts.AcmeAdmin);

        using var answer = await visitor.PostAsync("/sign-out", content: null);

        Assert.Equal("/", answer.Headers.Location!.ToString());
        using var page = await visitor.GetAsync("/contacts");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Session_outlives_a_restart_of_the_front_end()
    {
        var keys = Directory.CreateTempSubdirectory();
        try
        {
            var one = stack.StartWeb(("DataProtection:KeysPath", keys.FullName));
            var other = stack.StartWeb(("DataProtection:KeysPath", keys.FullName));
            using var visitor = stack.CreateVisitor(one);
            using var signedIn = await visitor.SignInAsync(DemoAccounts.AcmeAdmin);

            using var elsewhere = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = other };
            elsewhere.DefaultRequestHeaders.Add("Cookie", signedIn.Headers.GetValues("Set-Cookie").Select(value => value.Split(';')[0]));
            using var page = await elsewhere.GetAsync("/contacts");
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
        finally
        {
            keys.Delete(recursive: true);
        }
    }
}
