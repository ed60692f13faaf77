namespace Platform.Web.Live;

/// <summary>How a circuit's connection to the event stream is.</summary>
internal enum LiveState
{
    /// <summary>Not asked for yet, or the first attempt is under way.</summary>
    Connecting,
    Live,
    /// <summary>Lost; the next attempt is coming.</summary>
    Reconnecting,
    /// <summary>The session has ended; there will be no further attempt.</summary>
    Ended,
}
