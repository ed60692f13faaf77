using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Web.Backend;
using Platform.Web.Sessions;

namespace Platform.Web.Live;

/// <summary>
/// What happens in the user's tenant, as one circuit sees it: follows Realtime's event stream with the user's token,
/// resumes after the last event it saw, and tells its listeners to read again when something may be missing.
/// </summary>
internal sealed partial class LiveEvents(
    IHttpClientFactory clients, CurrentUser user, SessionTokens tokens, TimeProvider clock,
    IOptions<LiveOptions> options, ILogger<LiveEvents> logger) : IAsyncDisposable
{
    /// <summary>How many events the overview can look back on.</summary>
    public const int RecentCapacity = 30;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly List<Action<LiveEvent>> _listeners = [];
    private readonly LinkedList<LiveEvent> _recent = new();
    private Task? _following;
    private string? _lastEventId;
    private TimeSpan _toldPause;
    private volatile LiveState _state = LiveState.Connecting;

    public LiveState State => _state;

    /// <summary>Raised on any thread.</summary>
    public event Action? StateChanged;

    /// <summary>The latest events worth telling a person about, newest first.</summary>
    public IReadOnlyList<LiveEvent> Recent
    {
        get
        {
            lock (_gate) return [.. _recent];
        }
    }

    /// <summary>Begins to follow the stream; further calls do nothing. Not for prerendering.</summary>
    public void Start()
    {
        lock (_gate) _following ??= Task.Run(() => FollowAsync(_closing.Token), CancellationToken.None);
    }

    /// <param name="listener">Called for each event in turn, on any thread; the next event waits until it returns.</param>
    /// <returns>Ends the subscription when disposed.</returns>
    public IDisposable Subscribe(Action<LiveEvent> listener)
    {
        lock (_gate) _listeners.Add(listener);
        return new Subscription(this, listener);
    }

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested) return;
        await _closing.CancelAsync();
        if (_following is { } following) await following;
        _closing.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        string? refused = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var session = await user.GetSessionAsync();
                var token = session is null ? null : await tokens.GetAccessTokenAsync(session, refused, cancellationToken);
                if (token is null)
                {
                    Become(LiveState.Ended);
                    return;
                }
                var answer = await ReadOnceAsync(token, () => failures = 0, cancellationToken);
                // The service ends a stream when its token expires: come back at once with the next one.
                refused = answer == HttpStatusCode.Unauthorized && refused is null ? token : null;
                if (answer != HttpStatusCode.OK && refused is null) failures++;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failures++;
                LogLost(failures, e);
            }
            if (failures > 0) Become(LiveState.Reconnecting);
            var pause = Backoff.Next(Math.Max(failures, 1), options.Value.FirstDelay, options.Value.MaxDelay, Sample());
            // A service that ends all its streams spreads their return.
            if (failures == 0 && refused is null && _toldPause > pause) pause = _toldPause;
            try
            {
                await Task.Delay(pause, clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Reads the stream until it ends. Not successful answers are returned, broken streams thrown.</summary>
    private async Task<HttpStatusCode> ReadOnceAsync(string token, Action connected, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (_lastEventId is { } id) request.Headers.TryAddWithoutValidation("Last-Event-ID", id);

        using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        connecting.CancelAfter(ConnectTimeout);
        using var response = await clients.CreateClient(BackendClients.Realtime)
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, connecting.Token);
        if (!response.IsSuccessStatusCode) return response.StatusCode;

        connected();
        Become(LiveState.Live);
        // Nothing to resume from: what happened between a page's reading and this moment came without an event.
        if (_lastEventId is null) Tell(new LiveEvent(LiveEvent.Resync, default, clock.GetUtcNow()));
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var guarded = new IdleTimeoutStream(body, options.Value.IdleTimeout, clock);
        var parser = SseParser.Create(guarded, ParseData);
        await foreach (var item in parser.EnumerateAsync(cancellationToken))
        {
            // Empty until the server has named one: what was seen before stays valid.
            if (!string.IsNullOrEmpty(parser.LastEventId)) _lastEventId = parser.LastEventId;
            _toldPause = PauseOf(parser.ReconnectionInterval);
            Tell(new LiveEvent(item.EventType, item.Data, clock.GetUtcNow()));
        }
        _toldPause = PauseOf(parser.ReconnectionInterval);
        return HttpStatusCode.OK;
    }

    /// <summary>Infinite stands for nothing said; no service may send a circuit away for longer than the longest pause.</summary>
    private TimeSpan PauseOf(TimeSpan told) => told <= TimeSpan.Zero ? TimeSpan.Zero : told < options.Value.MaxDelay ? told : options.Value.MaxDelay;

    internal static JsonElement ParseData(string eventType, ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            return JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return default; // An event without readable data still says that something happened.
        }
    }

    private void Tell(LiveEvent happened)
    {
        Action<LiveEvent>[] listeners;
        lock (_gate)
        {
            if (ActivityFeed.IsWorthTelling(happened))
            {
                _recent.AddFirst(happened);
                if (_recent.Count > RecentCapacity) _recent.RemoveLast();
            }
            listeners = [.. _listeners];
        }
        foreach (var listener in listeners)
        {
            try
            {
                listener(happened);
            }
            catch (Exception e)
            {
                LogListenerFailed(happened.Type, e); // One page's fault must not end the stream for the others.
            }
        }
    }

    private void Become(LiveState state)
    {
        if (_state == state) return;
        _state = state;
        StateChanged?.Invoke();
    }

    [SuppressMessage("Security", "CA5394", Justification = "Jitter needs no cryptographic randomness.")]
    private static double Sample() => Random.Shared.NextDouble();

    private void Remove(Action<LiveEvent> listener)
    {
        lock (_gate) _listeners.Remove(listener);
    }

    private sealed class Subscription(LiveEvents owner, Action<LiveEvent> listener) : IDisposable
    {
        public void Dispose() => owner.Remove(listener);
    }

    [LoggerMessage(5020, LogLevel.Information, "The event stream was lost, failure {Failures} in a row")]
    private partial void LogLost(int failures, Exception exception);

    [LoggerMessage(5021, LogLevel.Error, "A listener failed on {EventType}")]
    private partial void LogListenerFailed(string eventType, Exception exception);
}
