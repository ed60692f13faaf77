using Platform.Web.Tests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace Platform.Web.Tests.Browsers;

[Collection(PlatformTests.Name)]
[Trait("Req", "H1")]
public sealed class SessionTests(PlatformStack stack)
{
    [BrowserFact]
    public async Task Signing_out_in_one_tab_ends_the_others()
    {
        await using var person = await Person.SignedInAsync(stack, "/contacts");
        var second = await person.Page.Context.NewPageAsync();
        await second.GotoAsync("/import");
        await second.Locator("[data-testid=live-indicator][data-state=live]").WaitForAsync();

        await person.Page.GetByTestId("sign-out").ClickAsync();

        await Expect(person.Page.GetByTestId("email")).ToBeVisibleAsync();
        await Expect(second.GetByTestId("email")).ToBeVisibleAsync();
        Assert.Contains("returnUrl=%2Fimport", second.Url, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Deep_link_is_reached_after_signing_in()
    {
        await using var person = await Person.SignedInAsync(stack, "/contacts?page=2");

        Assert.EndsWith("/contacts?page=2", person.Page.Url, StringComparison.Ordinal);
        await Expect(person.Page.Locator("[aria-current=page].pager-page")).ToHaveTextAsync("2");
    }
}
