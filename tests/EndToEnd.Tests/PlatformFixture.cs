using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Platform.EndToEnd.Tests;

/// <summary>
/// The whole platform, started once through the same AppHost a developer runs: random ports, data of its own that
/// disappears with it, the real dashboard to receive the telemetry.
/// </summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5);
    private static readonly string[] Services = ["api", "worker", "realtime", "web"];

    private DistributedApplication? _application;

    public DistributedApplication Application => _application ?? throw new InvalidOperationException("The platform has not started.");

    /// <summary>Where the platform's backups go.</summary>
    public DirectoryInfo Backups { get; } = Directory.CreateTempSubdirectory("platform-backups-");

    public async Task InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--Ephemeral=true", "--DisableDashboard=false", $"--Backup:Directory={Backups.FullName}"], timeout.Token);
        _application = await builder.BuildAsync(timeout.Token);
        await _application.StartAsync(timeout.Token);
        await Task.WhenAll(Services.Select(service =>
            _application.ResourceNotifications.WaitForResourceHealthyAsync(service, timeout.Token)));
    }

    public async Task DisposeAsync()
    {
        if (_application is not null)
            await _application.DisposeAsync();
        Backups.Delete(recursive: true);
    }

    /// <summary>A client of Api, signed in as one of the demo accounts.</summary>
    public async Task<HttpClient> SignInAsync(string email)
    {
        var client = Application.CreateHttpClient("api");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await GetTokenAsync(client, email));
        return client;
    }

    /// <summary>The process id of a service's one replica, as the orchestrator tells it.</summary>
    public async Task<int> ProcessIdAsync(string resource)
    {
        var seen = await WaitForAsync(resource, snapshot => ProcessId(snapshot) is not null && snapshot.State?.Text == KnownResourceStates.Running);
        return ProcessId(seen.Snapshot)!.Value;
    }

    public Task WaitForStateAsync(string resource, params string[] states) =>
        WaitForAsync(resource, snapshot => states.Contains(snapshot.State?.Text));

    private async Task<ResourceEvent> WaitForAsync(string resource, Func<CustomResourceSnapshot, bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await Application.ResourceNotifications.WaitForResourceAsync(resource, seen => condition(seen.Snapshot), timeout.Token);
    }

    private static int? ProcessId(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } pid
            ? Convert.ToInt32(pid, CultureInfo.InvariantCulture)
            : null;

    private static async Task<string> GetTokenAsync(HttpClient api, string email)
    {
        using var answer = await api.PostAsJsonAsync("/api/auth/login", new { email, password = DemoPassword });
        answer.EnsureSuccessStatusCode();
        var tokens = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return tokens.GetProperty("accessToken").GetString()!;
    }

    public const string DemoPassword = "Platform-demo-1";
    public const string AcmeAdmin = "admin@acme.example";
    public const string AcmeAgent = "agent@acme.example";
    public const string GlobexAdmin = "admin@globex.example";
}

[CollectionDefinition(Name)]
public sealed class PlatformCollection : ICollectionFixture<PlatformFixture>
{
    public const string Name = "platform";
}
