using System.ComponentModel.DataAnnotations;

namespace Platform.Events;

/// <summary>Settings of the event bus, section <c>Events</c>.</summary>
public sealed class EventsOptions
{
    public const string Section = "Events";

    /// <summary>Events kept for replay in each tenant's window. Default 500.</summary>
    [Range(1, 100_000)]
    public int WindowCount { get; set; } = 500;

    /// <summary>A tenant's window is forgotten this long after its last event. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan WindowAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Largest event on the wire, bytes; a larger one isn't published. Default 32 KiB.</summary>
    [Range(256, 1_048_576)]
    public int MaxEventBytes { get; set; } = 32 * 1024;

    /// <summary>Longest a publisher waits for Redis. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How often a subscriber compares its last number with Redis's, to find what a broken subscription lost.
    /// Default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A realtime ticket is good for this long. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan TicketLifetime { get; set; } = TimeSpan.FromSeconds(30);
}
