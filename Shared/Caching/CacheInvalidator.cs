using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Caching;

/// <summary>
/// Raises tags' versions, tells the other processes and hears them; makes up for invalidations that Redis wasn't there for.
/// </summary>
internal sealed partial class CacheInvalidator(RedisLevel redis, LocalCache local, TimeProvider time, ILogger<CacheInvalidator> logger)
    : BackgroundService
{
    public const string Channel = "cache:invalidated";

    // So many of one tenant are as good as everything of it.
    private const int MaxPendingPerTenant = 100;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SubscribeTimeout = TimeSpan.FromSeconds(5);

    private readonly Dictionary<TenantId, HashSet<CacheTag>> _pending = [];
    private IConnectionMultiplexer? _connection;
    private volatile bool _isListening;
    private volatile bool _isPending;

    /// <summary>Whether hints of other processes arrive; without them nothing is kept in memory for long.</summary>
    public bool IsListening => _isListening;

    /// <summary>Whether something of the tenant is still to be invalidated: what Redis has of it can't be trusted.</summary>
    public bool IsPending(TenantId tenant)
    {
        if (!_isPending)
            return false;
        lock (_pending)
            return _pending.ContainsKey(tenant);
    }

    public async Task InvalidateAsync(CacheTag[] tags)
    {
        Hear(tags);
        foreach (var ofTenant in tags.GroupBy(tag => tag.Tenant))
        {
            var list = ofTenant.Distinct().ToList();
            CacheTelemetry.Invalidations.Add(list.Count);
            if (!await redis.InvalidateAsync(list, Channel))
                Postpone(ofTenant.Key, list);
        }
        // A second time: who read in between may have kept what is invalid only now.
        Hear(tags);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await redis.Circuit.WarmUpAsync(LongestWarmUp, cancellationToken);
        await TryListenAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RetryDelay, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryListenAsync(stoppingToken);
            await CatchUpAsync();
        }
    }

    private void Hear(ReadOnlySpan<CacheTag> tags)
    {
        foreach (var tag in tags)
            local.Invalidate(tag.Key);
    }

    private void Hear(RedisValue hint)
    {
        CacheTelemetry.Hints.Add(1);
        foreach (var tag in ((string?)hint ?? "").Split('\n'))
            local.Invalidate(tag);
    }

    private void Postpone(TenantId tenant, List<CacheTag> tags)
    {
        LogPostponed(tags.Count, tenant);
        lock (_pending)
        {
            if (!_pending.TryGetValue(tenant, out var pending))
                _pending[tenant] = pending = [];
            pending.UnionWith(tags);
            if (pending.Count > MaxPendingPerTenant)
            {
                pending.Clear();
                pending.Add(CacheTag.All(tenant));
            }
            _isPending = true;
        }
    }

    private async Task CatchUpAsync()
    {
        if (!_isPending)
            return;
        (TenantId Tenant, CacheTag[] Tags)[] all;
        lock (_pending)
            all = [.. _pending.Select(pending => (pending.Key, pending.Value.ToArray()))];
        foreach (var (tenant, tags) in all)
        {
            if (!await redis.InvalidateAsync(tags, Channel))
                return;
            Hear(tags);
            lock (_pending)
            {
                // What was added meanwhile stays, and is invalidated the next time.
                _pending[tenant].ExceptWith(tags);
                if (_pending[tenant].Count == 0)
                    _pending.Remove(tenant);
                _isPending = _pending.Count > 0;
            }
            LogCaughtUp(tags.Length, tenant);
        }
    }

    private async Task TryListenAsync(CancellationToken cancellationToken)
    {
        if (_connection is { } known)
        {
            // The client library subscribes anew by itself; what was said in between is lost.
            var isConnected = known.GetSubscriber().IsConnected();
            if (isConnected != _isListening)
                SetListening(isConnected);
            return;
        }
        try
        {
            var connection = await redis.Circuit.ConnectAsync(cancellationToken);
            var subscriber = connection.GetSubscriber();
            await subscriber.SubscribeAsync(new RedisChannel(Channel, RedisChannel.PatternMode.Literal), (_, hint) => Hear(hint))
                .WaitAsync(SubscribeTimeout, time, cancellationToken);
            connection.ConnectionFailed += (_, failed) =>
            {
                if (failed.ConnectionType == ConnectionType.Subscription)
                    SetListening(false);
            };
            connection.ConnectionRestored += (_, restored) =>
            {
                if (restored.ConnectionType == ConnectionType.Subscription)
                    SetListening(true);
            };
            _connection = connection;
            SetListening(subscriber.IsConnected());
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Tried again in a moment; until then memory is hardly used.
        }
    }

    private void SetListening(bool isListening)
    {
        _isListening = isListening;
        local.InvalidateAll();
    }

    [LoggerMessage(6300, LogLevel.Warning, "Redis is away: {Tags} cache tags of tenant {Tenant} will be invalidated when it is back")]
    private partial void LogPostponed(int tags, TenantId tenant);

    [LoggerMessage(6301, LogLevel.Information, "{Tags} cache tags of tenant {Tenant} were invalidated now that Redis is back")]
    private partial void LogCaughtUp(int tags, TenantId tenant);
}
