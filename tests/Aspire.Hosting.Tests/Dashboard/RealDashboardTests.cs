using System.Net;
using System.Text.Json;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Protocol;
using Google.Protobuf.WellKnownTypes;
using Platform.Testing;
using ProtocolResource = Aspire.Hosting.Dashboard.Protocol.Resource;

namespace Aspire.Hosting.Tests.Dashboard;

/// <summary>An application with the dashboard itself, run by the orchestrator.</summary>
public sealed class RealDashboardTests(RunningApplication application) : IClassFixture<RunningApplication>
{
    [PosixFact]
    public async Task Dashboard_signs_in_with_the_link_and_answers_with_the_key()
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var browser = new HttpClient(handler) { BaseAddress = application.Settings.FrontendUrls[0] };
        await AnswersAsync(browser);

        // Without the token there is only the sign-in page.
        using (var anonymous = await browser.GetAsync("/"))
            Assert.Equal((HttpStatusCode.Redirect, "/login"), (anonymous.StatusCode, anonymous.Headers.Location?.AbsolutePath));

        using (var login = await browser.GetAsync(application.Settings.LoginUrl))
            Assert.Equal(HttpStatusCode.Redirect, login.StatusCode);
        Assert.NotEmpty(handler.CookieContainer.GetAllCookies());
        using (var home = await browser.GetAsync("/"))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);

        // The telemetry API wants its own key.
        using (var refused = await browser.GetAsync("/api/telemetry/resources"))
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/telemetry/resources");
        request.Headers.Add("x-api-key", application.Settings.ApiKey);
        using var resources = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, resources.StatusCode);
        using var json = JsonDocument.Parse(await resources.Content.ReadAsStringAsync());
        Assert.Equal(JsonValueKind.Array, json.RootElement.ValueKind);
    }

    [PosixFact]
    public async Task Resource_service_shows_and_commands_what_the_orchestrator_runs()
    {
        await using var updates = new AsyncReader<WatchResourcesUpdate>(
            application.ResourceService.StreamAsync("WatchResources", new WatchResourcesRequest(), WatchResourcesUpdate.Parser));
        var seen = new Dictionary<string, ProtocolResource>();

        var waiter = await UntilAsync("waiter", "Running", "stop");
        Assert.Equal("hush", Assert.Single(waiter.Environment, v => v.Name == "SECRET" && v.IsFromSpec).Value);
        Assert.True(Assert.Single(seen["secret"].Properties, p => p.Name == "Value").IsSensitive);
        Assert.True(seen[DashboardHost.ResourceName].IsHidden);
        await using (var lines = new AsyncReader<WatchResourceConsoleLogsUpdate>(application.ResourceService.StreamAsync(
            "WatchResourceConsoleLogs", new WatchResourceConsoleLogsRequest { ResourceName = waiter.Name }, WatchResourceConsoleLogsUpdate.Parser)))
        {
            while (!(await lines.NextAsync()).LogLines.Any(line => line.Text.EndsWith(" hello", StringComparison.Ordinal)))
            {
            }
        }

        await ExecuteAsync(waiter, "stop");
        await UntilAsync("waiter", "Finished", "start");
        await ExecuteAsync(waiter, "start");
        waiter = await UntilAsync("waiter", "Running", "restart");
        await ExecuteAsync(waiter, "restart");
        await UntilAsync("waiter", "Running", "restart", startedAfter: waiter.StartedAt);

        async Task<ProtocolResource> UntilAsync(string name, string state, string command, Timestamp? startedAfter = null)
        {
            while (!seen.TryGetValue(name, out var found) || found.State != state
                || !found.Commands.Any(c => c.Name == command && c.State == Hosting.Dashboard.Protocol.ResourceCommandState.Enabled)
                || (startedAfter is not null && found.StartedAt <= startedAfter))
            {
                var update = await updates.NextAsync();
                foreach (var resource in update.InitialData?.Resources ?? update.Changes.Value.Select(change => change.Upsert))
                    seen[resource.DisplayName] = resource;
            }
            return seen[name];
        }
    }

    private async Task ExecuteAsync(ProtocolResource resource, string command)
    {
        var answer = await application.ResourceService.CallAsync(
            "ExecuteResourceCommand",
            new ResourceCommandRequest { ResourceName = resource.Name, ResourceType = resource.ResourceType, CommandName = command },
            ResourceCommandResponse.Parser);
        Assert.Equal(ResourceCommandResponseKind.Succeeded, answer.Kind);
    }

    private static Task AnswersAsync(HttpClient browser) => Eventually.TrueAsync(
        async () =>
        {
            using var response = await browser.GetAsync("/login");
            return true;
        },
        RunningApplication.Patience, "The dashboard never answered.");
}
