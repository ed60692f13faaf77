using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Aspire.Hosting.Bundle;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Tests.Dashboard;

/// <summary>The dashboard itself, with the settings this host gives it, reading from this host's resource service.</summary>
public sealed class RealDashboardTests : IAsyncLifetime, IDisposable
{
    private readonly DashboardSettings _settings = DashboardSettings.From(
        new ConfigurationBuilder().AddInMemoryCollection([new("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true")]).Build(), secrets: null);

    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _browser;
    private ResourceServiceFixture _host = null!;
    private Process _dashboard = null!;

    public RealDashboardTests() => _browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _cookies })
    {
        BaseAddress = _settings.FrontendUrls[0],
    };

    public async Task InitializeAsync()
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var environment = BundleEnvironment.Current();
        var locator = new AspireBundleLocator(
            configuration, environment, new BundleFetcher(environment, NullLogger<BundleFetcher>.Instance), NullLogger<AspireBundleLocator>.Instance);
        var bundle = await locator.LocateAsync(default);
        _host = await ResourceServiceFixture.StartAsync();

        var start = new ProcessStartInfo(bundle.DashboardPath, ["dashboard"])
        {
            WorkingDirectory = Path.GetDirectoryName(bundle.DashboardPath),
            RedirectStandardOutput = true,
        };
        var environmentOfDashboard = (_settings with { ResourceServiceApiKey = ResourceServiceFixture.ApiKey }).ToEnvironment(_host.Address);
        foreach (var (name, value) in environmentOfDashboard) start.Environment[name] = value;
        _dashboard = Process.Start(start)!;
        var listening = new TaskCompletionSource();
        _dashboard.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) listening.TrySetException(new InvalidOperationException("The dashboard ended."));
            else if (line.Data.Contains("Login to the dashboard", StringComparison.Ordinal)) listening.TrySetResult();
        };
        _dashboard.BeginOutputReadLine();
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public void Dispose() => _browser.Dispose();

    public async Task DisposeAsync()
    {
        _dashboard.Kill();
        await _dashboard.WaitForExitAsync();
        _dashboard.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Dashboard_signs_in_with_the_link_and_answers_with_the_key()
    {
        // Without the token there is only the sign-in page.
        using (var anonymous = await _browser.GetAsync("/"))
            Assert.Equal((HttpStatusCode.Redirect, "/login"), (anonymous.StatusCode, anonymous.Headers.Location?.AbsolutePath));

        using (var login = await _browser.GetAsync(_settings.LoginUrl))
            Assert.Equal(HttpStatusCode.Redirect, login.StatusCode);
        Assert.NotEmpty(_cookies.GetAllCookies());
        using (var home = await _browser.GetAsync("/"))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);

        // The telemetry API wants its own key.
        using (var refused = await _browser.GetAsync("/api/telemetry/resources"))
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/telemetry/resources") { Headers = { { "x-api-key", _settings.ApiKey } } };
        using var resources = await _browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, resources.StatusCode);
        using var json = JsonDocument.Parse(await resources.Content.ReadAsStringAsync());
        Assert.Equal(JsonValueKind.Array, json.RootElement.ValueKind);
    }
}
