using System.Collections.Concurrent;
using Microsoft.Playwright;
using Platform.Data.Seed;
using Platform.Testing;
using Platform.Web.Tests.Hosting;

namespace Platform.Web.Tests.Browsers;

/// <summary>Somebody at a browser of their own.</summary>
internal sealed class Person : IAsyncDisposable
{
    private const float Patience = 45_000;

    private static readonly Lazy<Task<IBrowser>> Browser = new(StartAsync);

    private readonly IBrowserContext _context;

    private Person(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>What the browser complained of: refused by the policy, failed to load, thrown by script.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public ILocator Rows => Page.GetByTestId("contact-row");

    public static async Task<Person> ArriveAsync(PlatformStack stack, int width = 1280, ColorScheme colors = ColorScheme.Light)
    {
        var context = await (await Browser.Value).NewContextAsync(new()
        {
            BaseURL = stack.Web.ToString(), ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = colors,
        });
        context.SetDefaultTimeout(Patience);
        var person = new Person(context, await context.NewPageAsync());
        person.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") person.Complaints.Enqueue(message.Text);
        };
        person.Page.PageError += (_, error) => person.Complaints.Enqueue(error);
        return person;
    }

    public static async Task<Person> SignedInAsync(
        PlatformStack stack, string page = "/", string email = DemoAccounts.AcmeAdmin, int width = 1280, ColorScheme colors = ColorScheme.Light)
    {
        var person = await ArriveAsync(stack, width, colors);
        await person.Page.GotoAsync(page);
        await person.Page.GetByTestId("email").FillAsync(email);
        await person.Page.GetByTestId("password").FillAsync(DemoAccounts.Password);
        await person.Page.GetByTestId("sign-in").ClickAsync();
        await person.LiveAsync();
        return person;
    }

    public async Task OpenAsync(string page)
    {
        await Page.GotoAsync(page);
        await LiveAsync();
    }

    /// <summary>Waits until the page reacts and follows the event stream.</summary>
    public Task LiveAsync() =>
        Page.Locator("[data-testid=live-indicator][data-state=live]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

    public Task SearchAsync(string text) => Page.GetByTestId("search").FillAsync(text);

    public Task<bool> OverflowsAsync() => Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > window.innerWidth");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private static async Task<IBrowser> StartAsync()
    {
        // A machine that builds and tests at the same time is slow.
        Assertions.SetDefaultExpectTimeout(Patience);
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Platform.Testing.Browser.ExecutablePath,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }
}
