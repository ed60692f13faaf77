using System.Globalization;
using System.Text;
using Platform.Web.Tests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace Platform.Web.Tests.Browsers;

[Collection(PlatformTests.Name)]
[Trait("Req", "H1")]
public sealed class ImportTests(PlatformStack stack)
{
    private const int Rows = 3000;

    [BrowserFact]
    public async Task File_is_imported_under_a_bar_that_fills_and_its_rejected_rows_can_be_fetched()
    {
        await using var person = await Person.SignedInAsync(stack, "/import");
        var page = person.Page;
        var mark = Guid.NewGuid().ToString("N")[..8];
        var file = new StringBuilder("name,email,phone\r\n");
        for (var row = 1; row <= Rows; row++)
            file.Append(CultureInfo.InvariantCulture, $"Person {row},{(row % 100 == 0 ? "nonsense" : $"{mark}.{row}@example.com")},\r\n");
        // Every value the bar had, as a person would see it grow.
        await page.EvaluateAsync("""
            () => {
              window.seen = [];
              new MutationObserver(() => {
                const bar = document.querySelector('[data-testid=import-running] [role=progressbar][aria-valuenow]');
                if (bar) window.seen.push(+bar.getAttribute('aria-valuenow'));
              }).observe(document.body, { subtree: true, childList: true, attributes: true });
            }
            """);

        await page.GetByTestId("import-file").SetInputFilesAsync(new Microsoft.Playwright.FilePayload
        {
            Name = "people.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(file.ToString()),
        });
        await page.GetByTestId("import-start").ClickAsync();

        await Expect(page.GetByTestId("import-result")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("imported-count")).ToHaveTextAsync("2,970");
        await Expect(page.GetByTestId("rejected-count")).ToHaveTextAsync("30");
        await Expect(page.GetByTestId("rejections-table").Locator("tbody tr")).ToHaveCountAsync(10);
        var seen = await page.EvaluateAsync<int[]>("window.seen");
        Assert.Equal(seen.Order(), seen);

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("rejected-download").ClickAsync());
        await using var content = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(content);
        var rejected = await reader.ReadToEndAsync();
        Assert.Equal(30, rejected.Split("nonsense").Length - 1);
        Assert.Empty(person.Complaints);
    }

    [BrowserFact]
    public async Task File_of_another_kind_is_refused_before_it_is_sent()
    {
        await using var person = await Person.SignedInAsync(stack, "/import");

        await person.Page.GetByTestId("import-file").SetInputFilesAsync(
            new Microsoft.Playwright.FilePayload { Name = "people.xlsx", MimeType = "application/octet-stream", Buffer = [1, 2, 3] });

        await Expect(person.Page.GetByTestId("import-error")).ToContainTextAsync("isn't a CSV file");
        await Expect(person.Page.GetByTestId("import-start")).ToBeDisabledAsync();
    }

    [BrowserFact]
    public async Task File_the_api_refuses_is_explained_where_it_was_chosen()
    {
        await using var person = await Person.SignedInAsync(stack, "/import");

        await person.Page.GetByTestId("import-file").SetInputFilesAsync(
            new Microsoft.Playwright.FilePayload { Name = "people.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("this,is\nnot,it\n") });
        await person.Page.GetByTestId("import-start").ClickAsync();

        await Expect(person.Page.GetByTestId("import-error")).ToBeVisibleAsync();
        await Expect(person.Page.GetByTestId("import-start")).ToHaveTextAsync("Start import");
    }
}
