using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Platform.Testing;
using static Microsoft.Playwright.Assertions;

namespace Platform.EndToEnd.Tests;

/// <summary>The main path as a person takes it, in a real browser.</summary>
[Collection(PlatformCollection.Name)]
public sealed class BrowserTests(PlatformFixture platform) : IAsyncLifetime
{
    private const float Timeout = 30_000;
    private static readonly string[] Services = ["web", "api", "worker", "realtime"];
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (Browser.ExecutablePath is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Browser.ExecutablePath, Args = Arguments });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    [BrowserFact]
    [Trait("Req", "H1")]
    public async Task Import_in_a_browser_shows_progress_and_result_live()
    {
        var page = await SignInAsync(PlatformFixture.AcmeAgent);
        await StartImportAsync(page, [.. Samples.Rows(5_000), .. "Nobody,not-an-address,\n"u8]);

        await Expect(page.GetByTestId("import-progress")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("import-result")).ToBeVisibleAsync(new() { Timeout = Timeout });
        await Expect(page.GetByTestId("imported-count")).ToHaveTextAsync(new Regex("5.?000"));
        await Expect(page.GetByTestId("rejected-count")).ToHaveTextAsync("1");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("rejected-download").ClickAsync());
        var rejected = await File.ReadAllTextAsync(await download.PathAsync());
        Assert.Contains("invalid_email", rejected, StringComparison.Ordinal);
        Assert.Contains("Nobody", rejected, StringComparison.Ordinal);
    }

    [BrowserFact]
    [Trait("Req", "I2")]
    [Trait("Req", "A3")]
    public async Task Import_in_a_browser_is_one_trace_through_all_services()
    {
        using var telemetry = await DashboardTelemetry.OpenAsync(platform);
        var page = await SignInAsync(PlatformFixture.GlobexAdmin);
        await StartImportAsync(page, "name,email\nTrace,trace@example.com\n"u8.ToArray());
        await Expect(page.GetByTestId("import-result")).ToBeVisibleAsync(new() { Timeout = Timeout });

        IReadOnlyList<Span> trace = [];
        await Eventually.TrueAsync(
            async () =>
            {
                var uploads = (await telemetry.SpansAsync("resource=api")).Where(span => span.Name == "POST /api/imports/").ToList();
                trace = uploads.Count == 0 ? [] : await telemetry.SpansAsync($"traceId={uploads[^1].TraceId}");
                return Services.All(service => trace.Any(span => span.Service == service));
            },
            TimeSpan.FromMilliseconds(Timeout), $"No trace has all of {string.Join(", ", Services)}.");

        Assert.Single(trace, span => span.Service == "web" && span.ParentId is null or "");
        Assert.Contains(trace, span => span.Service == "api" && span.Attributes.GetValueOrDefault("db.system.name") == "postgresql");
        Assert.Contains(trace, span => span.Service == "worker" && span.Attributes.GetValueOrDefault("db.system.name") == "postgresql");
        Assert.All(
            trace.Where(span => span.Service is "worker" or "realtime"),
            span => Assert.True(span.Attributes.ContainsKey("tenant.id"), $"{span.Service}: {span.Name} names no tenant."));
        foreach (var service in Services)
            Assert.NotEqual(0, await telemetry.CountLogsAsync(service));
    }

    [BrowserFact]
    [Trait("Req", "H1")]
    [Trait("Req", "G3")]
    public async Task Contact_created_by_somebody_else_appears_without_reload()
    {
        var page = await SignInAsync(PlatformFixture.AcmeAgent);
        await page.GotoAsync("/contacts");
        await Expect(page.GetByTestId("contacts-table")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("live-indicator").Filter(new() { Visible = true })).ToHaveAttributeAsync("data-state", "live", new() { Timeout = Timeout });
        var name = $"Live {Guid.CreateVersion7():N}";

        using var other = await platform.SignInAsync(PlatformFixture.AcmeAdmin);
        using var created = await other.CreateContactAsync(name);

        await Expect(page.GetByTestId("contact-row").Filter(new() { HasText = name })).ToBeVisibleAsync(new() { Timeout = Timeout });
    }

    [BrowserFact]
    [Trait("Req", "B1")]
    public async Task Other_tenant_does_not_see_the_contact()
    {
        var name = $"Private {Guid.CreateVersion7():N}";
        using var acme = await platform.SignInAsync(PlatformFixture.AcmeAdmin);
        using var created = await acme.CreateContactAsync(name);

        var own = await SignInAsync(PlatformFixture.AcmeAdmin);
        await own.GotoAsync($"/contacts?q={Uri.EscapeDataString(name)}");
        await Expect(own.GetByTestId("contact-row").Filter(new() { HasText = name })).ToBeVisibleAsync(new() { Timeout = Timeout });

        var foreign = await SignInAsync(PlatformFixture.GlobexAdmin);
        await foreign.GotoAsync($"/contacts?q={Uri.EscapeDataString(name)}");
        await Expect(foreign.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex("^Nothing matches") })).ToBeVisibleAsync(new() { Timeout = Timeout });
    }

    [BrowserFact]
    [Trait("Req", "D4")]
    public async Task Api_can_be_tried_on_its_page()
    {
        var context = await _browser!.NewContextAsync(new() { BaseURL = platform.Application.GetEndpoint("api").ToString() });
        var page = await context.NewPageAsync();
        var faults = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                faults.Add(message.Text); // also what the page's own policy forbids
        };
        await page.GotoAsync("/swagger");
        await page.Locator(".opblock-tag[data-tag=Health]").ClickAsync(new() { Timeout = Timeout });
        var call = page.Locator(".opblock:has([data-path='/api/health'])");
        await call.Locator(".opblock-summary-control").ClickAsync();
        await call.Locator(".try-out__btn").ClickAsync();
        await call.Locator("button.execute").ClickAsync();

        await Expect(call.Locator(".live-responses-table tbody .response-col_status").First).ToContainTextAsync("200", new() { Timeout = Timeout });
        Assert.Empty(faults);
    }

    private static async Task StartImportAsync(IPage page, byte[] file)
    {
        await page.GotoAsync("/import");
        await Expect(page.GetByTestId("import-file")).ToBeEnabledAsync(new() { Timeout = Timeout });
        await page.GetByTestId("import-file").SetInputFilesAsync(
            new FilePayload { Name = "contacts.csv", MimeType = "text/csv", Buffer = file });
        await page.GetByTestId("import-start").ClickAsync();
    }

    private async Task<IPage> SignInAsync(string email)
    {
        var context = await _browser!.NewContextAsync(new() { BaseURL = platform.Application.GetEndpoint("web").ToString() });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        await page.GetByTestId("email").FillAsync(email);
        await page.GetByTestId("password").FillAsync(PlatformFixture.DemoPassword);
        await page.GetByTestId("sign-in").ClickAsync();
        await Expect(page.GetByTestId("sign-out")).ToBeVisibleAsync(new() { Timeout = Timeout });
        return page;
    }
}

/// <summary>A test that needs Chromium or Chrome on this machine; skipped, and saying so, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser.ExecutablePath is null)
            Skip = "No Chromium or Chrome is installed on this machine.";
    }
}
