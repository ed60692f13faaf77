namespace Platform.Events;

/// <summary>
/// Follows one tenant's events. Called one call at a time, in the order of the numbers, from the loop that serves the
/// tenant: an implementation hands over and returns, it never waits for a client.
/// </summary>
public interface ITenantEventListener
{
    /// <summary>The stream is in step with Redis for the first time. Called once, before everything else.</summary>
    /// <param name="lastId">The tenant's last number; the next event has the next one.</param>
    /// <param name="recent">The replay window up to it, oldest first, without gaps.</param>
    void OnStarted(long lastId, IReadOnlyList<EventEnvelope> recent);

    /// <summary>The next event: its number is the last one's plus one.</summary>
    void OnEvent(EventEnvelope envelope);

    /// <summary>Events up to <paramref name="lastId"/> were missed and can't be had any more.</summary>
    void OnGap(long lastId);
}
