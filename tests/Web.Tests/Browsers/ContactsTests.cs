using Microsoft.Playwright;
using Platform.Data.Seed;
using Platform.Web.Tests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace Platform.Web.Tests.Browsers;

[Collection(PlatformTests.Name)]
[Trait("Req", "H1")]
public sealed class ContactsTests(PlatformStack stack)
{
    [BrowserFact]
    public async Task Contact_is_created_found_changed_and_deleted()
    {
        await using var person = await Person.SignedInAsync(stack, "/contacts");
        var (page, mark) = (person.Page, Mark());

        await page.GetByTestId("new-contact").ClickAsync();
        await page.GetByTestId("contact-name").FillAsync($"Nora {mark}");
        await page.GetByTestId("contact-email").FillAsync("not-an-address");
        await page.GetByTestId("save-contact").ClickAsync();
        await Expect(page.GetByTestId("contact-email-error")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("contact-email")).ToHaveAttributeAsync("aria-invalid", "true");
        await page.GetByTestId("contact-email").FillAsync($"nora.{mark}@example.com");
        await page.GetByTestId("save-contact").ClickAsync();
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);

        await person.SearchAsync(mark);
        await Expect(person.Rows).ToHaveCountAsync(1);
        await person.Rows.GetByTitle("Edit").ClickAsync();
        await page.GetByTestId("contact-phone").FillAsync("+49 30 5550199");
        await page.GetByTestId("save-contact").ClickAsync();
        await Expect(person.Rows).ToContainTextAsync("+49305550199");

        await person.Rows.GetByTitle("Delete").ClickAsync();
        await page.GetByTestId("confirm-delete").ClickAsync();
        await Expect(page.GetByText("Nothing matches")).ToBeVisibleAsync();
        Assert.Empty(person.Complaints);
    }

    [BrowserFact]
    [Trait("Req", "G4")]
    public async Task Colleagues_change_appears_by_itself_and_is_marked()
    {
        await using var one = await Person.SignedInAsync(stack, "/contacts");
        await using var other = await Person.SignedInAsync(stack, "/contacts", DemoAccounts.AcmeAdmin);
        var mark = Mark();

        await one.Page.GetByTestId("new-contact").ClickAsync();
        await one.Page.GetByTestId("contact-name").FillAsync($"Live {mark}");
        await one.Page.GetByTestId("contact-email").FillAsync($"live.{mark}@example.com");
        await one.Page.GetByTestId("save-contact").ClickAsync();

        var row = other.Rows.Filter(new() { HasText = mark });
        await Expect(row).ToBeVisibleAsync();
        await Expect(row).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("fresh-"));
    }

    [BrowserFact]
    [Trait("Req", "B1")]
    public async Task Other_tenants_page_hears_nothing()
    {
        await using var acme = await Person.SignedInAsync(stack, "/contacts");
        await using var globex = await Person.SignedInAsync(stack, "/contacts", DemoAccounts.GlobexAdmin);
        var (theirs, ours) = (Mark(), Mark());

        await CreateAsync(acme, theirs);
        await CreateAsync(globex, ours);

        // Its own event came after the other tenant's: had that one been for it as well, it would be there by now.
        await Expect(globex.Rows.Filter(new() { HasText = ours })).ToBeVisibleAsync();
        await Expect(globex.Rows.Filter(new() { HasText = theirs })).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Contact_changed_meanwhile_isnt_overwritten()
    {
        await using var one = await Person.SignedInAsync(stack, "/contacts");
        await using var other = await Person.SignedInAsync(stack, "/contacts");
        var mark = Mark();
        await CreateAsync(one, mark);
        await other.SearchAsync(mark);
        await Expect(other.Rows).ToHaveCountAsync(1);
        await other.Rows.GetByTitle("Edit").ClickAsync();
        await Expect(other.Page.GetByTestId("contact-name")).ToHaveValueAsync($"Somebody {mark}");

        await one.SearchAsync(mark);
        await Expect(one.Rows).ToHaveCountAsync(1);
        await one.Rows.GetByTitle("Edit").ClickAsync();
        await one.Page.GetByTestId("contact-name").FillAsync($"Renamed {mark}");
        await one.Page.GetByTestId("save-contact").ClickAsync();
        await Expect(one.Rows).ToContainTextAsync("Renamed");

        await Expect(other.Page.GetByTestId("contact-conflict")).ToBeVisibleAsync();
        await other.Page.GetByTestId("contact-name").FillAsync($"Overwritten {mark}");
        await other.Page.GetByTestId("save-contact").ClickAsync();
        await Expect(other.Page.GetByTestId("contact-conflict")).ToBeVisibleAsync();
        await other.Page.GetByText("Load the current version").ClickAsync();
        await Expect(other.Page.GetByTestId("contact-name")).ToHaveValueAsync($"Renamed {mark}");
    }

    [BrowserFact]
    [Trait("Req", "I2")]
    public async Task Each_action_of_a_circuit_is_a_trace_of_its_own()
    {
        await using var person = await Person.SignedInAsync(stack, "/contacts");
        using var traces = new TraceRecorder();

        await person.SearchAsync("no-such-person-1");
        await Expect(person.Page.GetByText("Nothing matches “no-such-person-1”")).ToBeVisibleAsync();
        await person.SearchAsync("no-such-person-2");
        await Expect(person.Page.GetByText("Nothing matches “no-such-person-2”")).ToBeVisibleAsync();

        var searches = traces.Finished.Where(span => span.Name == "contacts.list").ToList();
        Assert.True(searches.Count >= 2);
        Assert.Equal(searches.Count, searches.Select(span => span.Trace).Distinct().Count());
        Assert.All(searches, span => Assert.Equal(DemoAccounts.Acme.ToString(), span.Tenant));
    }

    private static string Mark() => Guid.NewGuid().ToString("N")[..10];

    private static async Task CreateAsync(Person person, string mark)
    {
        await person.Page.GetByTestId("new-contact").ClickAsync();
        await person.Page.GetByTestId("contact-name").FillAsync($"Somebody {mark}");
        await person.Page.GetByTestId("contact-email").FillAsync($"{mark}@example.com");
        await person.Page.GetByTestId("save-contact").ClickAsync();
        await Expect(person.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
    }
}
