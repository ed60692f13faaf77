using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Jobs;
using Platform.Testing;

namespace Platform.Web.Tests.Hosting;

/// <summary>
/// The front end on Kestrel, with the real Api, Realtime and Worker as processes of their own and a real Postgres and Garnet
/// under them. One for the whole run; each test makes the data it needs.
/// </summary>
public sealed class PlatformStack : IAsyncLifetime
{
    private const string AppPassword = "app-password-1", QueuePassword = "queue-password-1";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, Lazy<Task<HttpClient>>> _readers = new();
    private readonly List<ChildProcess> _services = [];
    private readonly List<WebApplicationFactory<Platform.Web.Components.App>> _webs = [];
    private TestDatabase? _database;
    private string _redis = "";
    private Uri _api = null!;
    private Uri _realtime = null!;

    /// <summary>Where the front end answers.</summary>
    public Uri Web { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("web", admin => PlatformMigrations.RunAsync(
            admin,
            new MigrationOptions { AppPassword = AppPassword, QueuePassword = QueuePassword, SeedDemo = true },
            [MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly)],
            NullLogger.Instance));
        _redis = (await GarnetServer.GetAsync()).ConnectionString;
        // All visitors of these tests come from one address, and few tenants have many pages.
        _api = Start(
            "Platform.Api.dll", ("RATE_LIMIT_FREE", "1000000"), ("RATE_LIMIT_PRO", "1000000"), ("RateLimit__Anonymous", "1000000"),
            ("RateLimit__Policies__sign-in__Limit", "1000000"), ("RateLimit__Policies__imports__Limit", "1000000"));
        _realtime = Start("Platform.Realtime.dll", ("services__api__http__0", _api.ToString()));
        var worker = Start("Platform.Worker.dll");
        foreach (var service in new[] { _api, _realtime, worker }) await HealthyAsync(service);
        Web = StartWeb();
    }

    /// <summary>Another front end, with settings of its own.</summary>
    public Uri StartWeb(params (string Name, string Value)[] settings)
    {
        var factory = new WebApplicationFactory<Platform.Web.Components.App>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment("Development");
            host.UseUrls("http://127.0.0.1:0");
            host.UseSetting("services:api:http:0", _api.ToString());
            host.UseSetting("services:realtime:http:0", _realtime.ToString());
            host.UseSetting("ConnectionStrings:redis", _redis);
            foreach (var (name, value) in settings) host.UseSetting(name, value);
            host.ConfigureLogging(logging => logging.ClearProviders());
        });
        factory.UseKestrel(0);
        factory.StartServer();
        _webs.Add(factory);
        return factory.ClientOptions.BaseAddress;
    }

    /// <summary>A browser without script: keeps cookies, shows redirects.</summary>
    public HttpClient CreateVisitor(Uri? web = null) =>
        new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = web ?? Web };

    /// <summary>A signed-in visitor that tests share: for reading only.</summary>
    public Task<HttpClient> ReaderAsync(string email) => _readers.GetOrAdd(email, name => new Lazy<Task<HttpClient>>(async () =>
    {
        var visitor = CreateVisitor();
        await visitor.SignedInAsync(name);
        return visitor;
    })).Value;

    public async Task DisposeAsync()
    {
        foreach (var reader in _readers.Values) (await reader.Value).Dispose();
        foreach (var web in _webs) await web.DisposeAsync();
        foreach (var service in _services) await service.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
    }

    private Uri Start(string assembly, params (string Name, string Value)[] settings)
    {
        var address = new Uri($"http://127.0.0.1:{PortFinder.FreePort()}");
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = address.ToString(),
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__platform"] = _database!.ConnectionStringFor(PlatformRoles.App, AppPassword),
            ["ConnectionStrings__platform-queue"] = _database.ConnectionStringFor(PlatformRoles.Queue, QueuePassword),
            ["ConnectionStrings__redis"] = _redis,
            ["ENCRYPTION_KEY"] = "a-test-key-of-enough-characters",
        };
        foreach (var (name, value) in settings) environment[name] = value;
        _services.Add(ChildProcess.StartDotnet(Path.Combine(AppContext.BaseDirectory, assembly), [], AppContext.BaseDirectory, environment));
        return address;
    }

    private async Task HealthyAsync(Uri service)
    {
        using var client = new HttpClient { BaseAddress = service };
        try
        {
            await Eventually.TrueAsync(async () => (await client.GetAsync("/health")).IsSuccessStatusCode, StartTimeout);
        }
        catch (TimeoutException e)
        {
            var output = string.Join('\n', _services.SelectMany(process => process.Output.TakeLast(15)));
            throw new InvalidOperationException($"{service} never became healthy. Last output of the services:\n{output}", e);
        }
    }
}
