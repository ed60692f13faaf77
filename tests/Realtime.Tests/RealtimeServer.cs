using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Events;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Realtime.Tests;

/// <summary>The service itself, on a port of its own, with a real Redis server and an Api that publishes keys.</summary>
internal sealed class RealtimeServer : IAsyncDisposable
{
    private readonly Factory _factory;
    private readonly TestApi? _ownApi;

    private RealtimeServer(Factory factory, TestApi api, TestApi? ownApi) => (_factory, Api, _ownApi) = (factory, api, ownApi);

    public TestApi Api { get; }

    public Uri Address => _factory.ClientOptions.BaseAddress;

    public IServiceProvider Services => _factory.Services;

    public ITenantEvents Events => Services.GetRequiredService<ITenantEvents>();

    public RealtimeTickets Tickets => Services.GetRequiredService<RealtimeTickets>();

    /// <summary>Everything the service has logged.</summary>
    public IReadOnlyCollection<string> Log => _factory.Lines;

    /// <param name="settings">Settings beyond the tests' own.</param>
    /// <param name="redis">Connection string; default the test run's server.</param>
    /// <param name="api">An Api the test keeps; default one of the server's own, already started.</param>
    public static async Task<RealtimeServer> StartAsync(
        Dictionary<string, string>? settings = null, string? redis = null, TestApi? api = null)
    {
        TestApi? own = null;
        if (api is null)
        {
            api = own = new TestApi(PortFinder.FreePort());
            await own.StartAsync();
        }
        var factory = new Factory(new Dictionary<string, string>
        {
            ["ConnectionStrings:redis"] = redis ?? (await GarnetServer.GetAsync()).ConnectionString,
            ["Realtime:KeysUri"] = api.KeysUri.ToString(),
            ["Realtime:AccountUri"] = api.AccountUri.ToString(),
            ["Realtime:KeysMinInterval"] = "00:00:00.200",
            // Two busy cores may take longer than production would wait.
            ["Events:Timeout"] = "00:00:05",
            ["Events:CheckInterval"] = "00:00:00.500",
        });
        foreach (var (name, value) in settings ?? [])
            factory.Settings[name] = value;
        factory.UseKestrel(0);
        factory.StartServer();
        return new RealtimeServer(factory, api, own);
    }

    public static TenantId NewTenant() => new(Guid.CreateVersion7());

    public static TenantEvent Event(int number, string? channel = null, string type = "contact.created", int padding = 0) =>
        new(type, JsonSerializer.SerializeToElement(new { number, padding = new string('x', padding) }), channel);

    public HttpClient Client() => new() { BaseAddress = Address };

    public async Task<long> PublishAsync(TenantId tenant, int number, string? channel = null, string type = "contact.created", int padding = 0)
    {
        var id = await Events.PublishAsync(tenant, Event(number, channel, type, padding));
        Assert.NotEqual(0, id);
        return id;
    }

    public Task<EventStreamClient> OpenAsync(TenantId tenant, long? lastEventId = null, string query = "") =>
        EventStreamClient.OpenAsync(Address, Api.Token(tenant), lastEventId, query);

    public Task<HubClient> OpenHubAsync(TenantId tenant, string query = "") => HubClient.OpenAsync(Address, Api.Token(tenant), query);

    /// <summary>Stops the service as an orchestrator does.</summary>
    public async Task StopAsync()
    {
        var host = Services.GetRequiredService<Microsoft.Extensions.Hosting.IHostApplicationLifetime>();
        host.StopApplication();
        await _factory.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        if (_ownApi is not null)
            await _ownApi.DisposeAsync();
    }

    private sealed class Factory(Dictionary<string, string> settings) : WebApplicationFactory<Program>, ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public Dictionary<string, string> Settings { get; } = settings;

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, _lines);

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            foreach (var (name, value) in Settings)
                builder.UseSetting(name, value);
            builder.ConfigureLogging(logging => logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(this));
        }
    }

    private sealed class LineLogger(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
    }
}
