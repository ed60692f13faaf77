using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Events;

/// <summary>
/// Follows tenants' events on the process's one subscription connection, each tenant on demand. Redis's pub/sub is only
/// the fast path: numbers show what it lost, the replay window fills it in, and a regular look at the last number finds
/// a loss that no later event gave away.
/// </summary>
public sealed class TenantEventSubscriber : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(3);

    private readonly EventsRedis _redis;
    private readonly TenantEventWindow _window;
    private readonly EventsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<TenantEventSubscriber> _logger;
    private readonly ConcurrentDictionary<TenantStream, bool> _streams = new();
    private readonly Channel<bool> _restored = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private IConnectionMultiplexer? _watched;

    internal TenantEventSubscriber(
        EventsRedis redis, TenantEventWindow window, IOptions<EventsOptions> options, TimeProvider time,
        ILogger<TenantEventSubscriber> logger) =>
        (_redis, _window, _options, _time, _logger) = (redis, window, options.Value, time, logger);

    /// <summary>Starts to follow a tenant; dispose the answer to stop. Works while Redis is away, and catches up later.</summary>
    public IAsyncDisposable Subscribe(TenantId tenant, ITenantEventListener listener)
    {
        var stream = new TenantStream(tenant, listener, _redis, _window, _time, _logger, onEnd: ended => _streams.TryRemove(ended, out _));
        _streams[stream] = true;
        stream.Start();
        return stream;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await _redis.Circuit.WarmUpAsync(LongestWarmUp, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await WatchConnectionAsync(stoppingToken);
            var behind = _streams.Keys.Any(stream => stream.IsBehind);
            await WaitAsync(behind && RetryDelay < _options.CheckInterval ? RetryDelay : _options.CheckInterval, stoppingToken);
            foreach (var stream in _streams.Keys)
                stream.Check();
        }
    }

    /// <summary>Looks at every stream right when the connection has come back, not at the next regular time.</summary>
    private async Task WatchConnectionAsync(CancellationToken stoppingToken)
    {
        if (_watched is not null)
            return;
        try
        {
            _watched = await _redis.Circuit.ConnectAsync(stoppingToken);
            _watched.ConnectionRestored += (_, _) => _restored.Writer.TryWrite(true);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Tried again at the next look.
        }
    }

    /// <summary>Waits for the time, or less when the connection comes back.</summary>
    private async Task WaitAsync(TimeSpan longest, CancellationToken stoppingToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        timeout.CancelAfter(longest);
        try
        {
            await _restored.Reader.ReadAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // The time is over.
        }
    }
}
