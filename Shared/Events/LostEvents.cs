using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Tenancy;

namespace Platform.Events;

/// <summary>
/// Remembers which tenants' events could not be published and, as soon as Redis is back, tells their listeners to read
/// again: an event lost without a number leaves no gap that a listener could see.
/// </summary>
internal sealed partial class LostEvents(IServiceProvider services, TimeProvider time, ILogger<LostEvents> logger) : BackgroundService
{
    // More tenants than this lose events in one outage only on a very large deployment; the rest recover by their next event.
    private const int MaxTenants = 100_000;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TenantId, bool> _tenants = new();
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Add(TenantId tenant)
    {
        if (_tenants.Count < MaxTenants && _tenants.TryAdd(tenant, true))
            _added.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var events = services.GetRequiredService<RedisTenantEvents>();
        var notice = new TenantEvent(EventTypes.Resync, JsonSerializer.SerializeToElement(new { reason = "lost" }));
        while (!stoppingToken.IsCancellationRequested)
        {
            await _added.Reader.ReadAsync(stoppingToken);
            var told = 0;
            while (!_tenants.IsEmpty)
            {
                await Task.Delay(RetryDelay, time, stoppingToken);
                foreach (var tenant in _tenants.Keys)
                {
                    // Removed before publishing: a loss that happens meanwhile is noted anew.
                    _tenants.TryRemove(tenant, out _);
                    if (await events.TryPublishAsync(tenant, notice) == 0)
                    {
                        _tenants.TryAdd(tenant, true);
                        break;
                    }
                    told++;
                }
            }
            LogTold(told);
        }
    }

    [LoggerMessage(6201, LogLevel.Information, "Listeners of {Tenants} tenants were told to read again")]
    private partial void LogTold(int tenants);
}
