using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Platform.Tenancy;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Events.Tests;

/// <summary>A process of the platform, as far as events go: publishes and follows them on a real server.</summary>
internal sealed class Bus : IAsyncDisposable
{
    private readonly IHost _host;

    private Bus(IHost host) => _host = host;

    public ITenantEvents Events => _host.Services.GetRequiredService<ITenantEvents>();

    public TenantEventSubscriber Subscriber => _host.Services.GetRequiredService<TenantEventSubscriber>();

    public TenantEventWindow Window => _host.Services.GetRequiredService<TenantEventWindow>();

    public RealtimeTickets Tickets => _host.Services.GetRequiredService<RealtimeTickets>();

    public IConnectionMultiplexer Redis => _host.Services.GetRequiredService<IConnectionMultiplexer>();

    public static async Task<Bus> StartAsync(Action<EventsOptions>? configure = null) =>
        await StartAsync((await GarnetServer.GetAsync()).ConnectionString, configure);

    public static async Task<Bus> StartAsync(string connectionString, Action<EventsOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
            ConnectionMultiplexer.Connect($"{connectionString},abortConnect=false,connectTimeout=2000"));
        builder.AddTenantEvents();
        builder.Services.Configure<EventsOptions>(options =>
        {
            // Two busy cores may take longer than production would wait.
            options.Timeout = TimeSpan.FromSeconds(5);
            configure?.Invoke(options);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new Bus(host);
    }

    public static TenantId NewTenant() => new(Guid.CreateVersion7());

    public static TenantEvent Event(int number, string? channel = null) =>
        new("contact.created", JsonSerializer.SerializeToElement(new { number }), channel);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
