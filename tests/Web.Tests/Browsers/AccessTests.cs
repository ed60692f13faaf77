using Microsoft.Playwright;
using Platform.Web.Tests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace Platform.Web.Tests.Browsers;

[Collection(PlatformTests.Name)]
[Trait("Req", "H5")]
public sealed class AccessTests(PlatformStack stack)
{
    [BrowserFact]
    public async Task Narrowest_phone_shows_every_page_without_sideways_scrolling()
    {
        await using var person = await Person.SignedInAsync(stack, width: 320);
        foreach (var address in new[] { "/", "/contacts", "/import", "/nowhere" })
        {
            await person.Page.GotoAsync(address);
            Assert.False(await person.OverflowsAsync(), address);
        }
    }

    [BrowserFact]
    public async Task Phone_menu_leads_to_a_page_and_closes()
    {
        await using var person = await Person.SignedInAsync(stack, width: 375);

        await person.Page.GetByLabel("Open menu").ClickAsync();
        await person.Page.GetByRole(AriaRole.Link, new() { Name = "Contacts", Exact = true }).ClickAsync();

        await Expect(person.Page.GetByTestId("contacts-table")).ToBeVisibleAsync();
        await Expect(person.Page.Locator("#sidebar")).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task Keyboard_skips_to_the_content_and_a_closed_dialog_gives_the_focus_back()
    {
        await using var person = await Person.SignedInAsync(stack, "/contacts");
        var page = person.Page;

        await page.Locator(".skip").FocusAsync();
        await Expect(page.Locator(".skip")).ToBeInViewportAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#main")).ToBeFocusedAsync();

        await page.GetByTestId("new-contact").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("contact-name")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("new-contact")).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task Chosen_colours_stay_for_the_next_visit()
    {
        await using var person = await Person.SignedInAsync(stack);
        var html = person.Page.Locator("html");

        await person.Page.GetByLabel("Switch between light and dark").ClickAsync();
        await Expect(html).ToHaveAttributeAsync("data-theme", "dark");

        await person.OpenAsync("/contacts");
        await Expect(html).ToHaveAttributeAsync("data-theme", "dark");
        Assert.Empty(person.Complaints);
    }

    [BrowserFact]
    public async Task Every_control_has_a_name()
    {
        await using var person = await Person.SignedInAsync(stack);
        foreach (var address in new[] { "/", "/contacts", "/import" })
        {
            await person.OpenAsync(address);
            var nameless = await person.Page.EvaluateAsync<string[]>("""
                () => [...document.querySelectorAll('a, button, input:not([type=hidden])')]
                  .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && [...e.labels].some(l => l.textContent.trim()))))
                  .map(e => e.outerHTML.slice(0, 120))
                """);
            Assert.Empty(nameless);
        }
    }
}
