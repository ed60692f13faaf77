using System.Net;
using System.Text.RegularExpressions;
using Platform.Data.Seed;

namespace Platform.Web.Tests.Hosting;

/// <summary>What a person without script does: opens a page, fills in its form.</summary>
internal static partial class Visitor
{
    public static async Task<HttpResponseMessage> SignInAsync(
        this HttpClient visitor, string email, string password = DemoAccounts.Password, string page = "/sign-in")
    {
        var form = await visitor.GetStringAsync(new Uri(page, UriKind.Relative));
        using var content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["__RequestVerificationToken"] = AntiforgeryTokenIn(form),
            ["Input.Email"] = email,
            ["Input.Password"] = password,
        });
        return await visitor.PostAsync(new Uri(page, UriKind.Relative), content);
    }

    public static async Task SignedInAsync(this HttpClient visitor, string email)
    {
        using var answer = await visitor.SignInAsync(email);
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, $"Signing in answered {answer.StatusCode}.");
    }

    public static string AntiforgeryTokenIn(string page)
    {
        var match = TokenField().Match(page);
        Assert.True(match.Success, "The page has no antiforgery token.");
        return WebUtility.HtmlDecode(match.Groups[1].Value);
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex TokenField();
}
