using System.Text.Json;
using Platform.Events;
using Platform.Realtime.Feeds;

namespace Platform.Realtime.Connections;

/// <summary>A client that was let in: who it is, what it reads, and how long it may stay.</summary>
internal sealed class RealtimeConnection : IDisposable
{
    private readonly CancellationTokenSource _expiry;
    private readonly CancellationTokenSource _revoked = new();
    private readonly CancellationTokenSource _end;
    private readonly CancellationToken _stopping;

    public RealtimeConnection(
        string transport, RealtimeUser user, ChannelFilter filter, FeedReader reader, TimeSpan lifetime, TimeProvider time,
        CancellationToken stopping, CancellationToken aborted)
    {
        (Transport, User, Filter, Reader, _stopping) = (transport, user, filter, reader, stopping);
        _expiry = new CancellationTokenSource(lifetime, time);
        _end = CancellationTokenSource.CreateLinkedTokenSource(_expiry.Token, _revoked.Token, stopping, aborted);
        End = _end.Token;
    }

    /// <summary>The connection that was admitted for this request.</summary>
    public static RealtimeConnection Of(HttpContext context) =>
        context.Features.Get<RealtimeConnection>() ?? throw new InvalidOperationException("The request wasn't admitted as a connection.");

    public RealtimeUser User { get; }

    public ChannelFilter Filter { get; }

    public FeedReader Reader { get; }

    /// <summary><c>sse</c> or <c>websocket</c>.</summary>
    public string Transport { get; }

    /// <summary>Cancelled when the client has gone, the token has expired, the session was ended or the service stops.</summary>
    public CancellationToken End { get; }

    /// <summary>Why the connection ends, for the client to read; null when the client itself has gone.</summary>
    public string? EndReason => _stopping.IsCancellationRequested ? "shutdown"
        : _revoked.IsCancellationRequested ? "revoked"
        : _expiry.IsCancellationRequested ? "expired" : null;

    /// <summary>Ends the connection if the event says that its session or its tenant's access has ended. Doesn't wait for it.</summary>
    public void Hear(EventEnvelope envelope)
    {
        if (!Concerns(envelope))
            return;
        try
        {
            // Not in the loop that serves the tenant: what follows runs elsewhere.
            _ = _revoked.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    private bool Concerns(EventEnvelope envelope) => envelope.Type switch
    {
        EventTypes.TenantSuspended => true,
        EventTypes.SessionEnded => Id(envelope.Data, "userId") == User.UserId
            // Who comes without a session: better once too often, the client gets another ticket.
            && (Id(envelope.Data, "sessionId") is not { } session || User.SessionId is null || User.SessionId == session),
        _ => false,
    };

    private static Guid? Id(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) ? id : null;

    public void Delivered(IReadOnlyCollection<EventFrame> frames, TimeProvider time)
    {
        var tag = new KeyValuePair<string, object?>("transport", Transport);
        RealtimeTelemetry.Delivered.Add(frames.Count, tag);
        var now = time.GetUtcNow();
        foreach (var frame in frames)
            RealtimeTelemetry.Lag.Record(Math.Max(0, (now - frame.Time).TotalSeconds), tag);
    }

    public void Resynced() => RealtimeTelemetry.Resyncs.Add(1, new KeyValuePair<string, object?>("transport", Transport));

    public void Dispose()
    {
        _end.Dispose();
        _expiry.Dispose();
        _revoked.Dispose();
    }
}
