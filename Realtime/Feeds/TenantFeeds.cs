using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Platform.Events;
using Platform.Tenancy;

namespace Platform.Realtime.Feeds;

/// <summary>The feeds of the tenants that have clients here, and a little longer; also the place where limits are kept.</summary>
internal sealed class TenantFeeds(TenantEventSubscriber subscriber, IOptions<RealtimeOptions> options, TimeProvider time)
    : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, Entry> _entries = [];
    private readonly RealtimeOptions _options = options.Value;
    private int _connections;

    /// <summary>Takes a place in a tenant's feed; false when the tenant or the replica is full.</summary>
    public bool TryJoin(TenantId tenant, [NotNullWhen(true)] out TenantFeed? feed)
    {
        lock (_gate)
        {
            feed = null;
            _entries.TryGetValue(tenant, out var entry);
            if (_connections >= _options.MaxConnections || entry?.Clients >= _options.MaxConnectionsPerTenant)
                return false;
            if (entry is null)
            {
                var added = new TenantFeed(_options.BufferedEvents);
                _entries[tenant] = entry = new Entry(added, subscriber.Subscribe(tenant, added));
            }
            entry.Clients++;
            _connections++;
            feed = entry.Feed;
            return true;
        }
    }

    public void Leave(TenantId tenant)
    {
        lock (_gate)
        {
            _connections--;
            var entry = _entries[tenant];
            if (--entry.Clients == 0)
                entry.IdleSince = time.GetTimestamp();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.HeartbeatInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            List<IAsyncDisposable> idle = [];
            lock (_gate)
            {
                foreach (var (tenant, entry) in _entries)
                {
                    entry.Feed.Beat();
                    if (entry.Clients > 0 || time.GetElapsedTime(entry.IdleSince) < _options.FeedLinger)
                        continue;
                    _entries.Remove(tenant);
                    idle.Add(entry.Subscription);
                }
            }
            foreach (var subscription in idle)
                await subscription.DisposeAsync();
        }
    }

    private sealed class Entry(TenantFeed feed, IAsyncDisposable subscription)
    {
        public TenantFeed Feed { get; } = feed;

        public IAsyncDisposable Subscription { get; } = subscription;

        public int Clients { get; set; }

        public long IdleSince { get; set; }
    }
}
