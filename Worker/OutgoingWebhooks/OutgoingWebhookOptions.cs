using System.ComponentModel.DataAnnotations;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>How the Worker calls tenants' endpoints; section <c>OutgoingWebhooks</c>.</summary>
internal sealed class OutgoingWebhookOptions
{
    public const string Section = "OutgoingWebhooks";

    /// <summary>The longest one call may take, from looking its name up to the beginning of the answer's body. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:50")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Characters of an answer's body that are recorded. Default 500, at most 2,000.</summary>
    [Range(0, 2000)]
    public int RecordedBody { get; set; } = 500;

    /// <summary>Deliveries that fail in a row, each after all of its attempts, before their endpoint is disabled. Default 10.</summary>
    [Range(1, 10_000)]
    public int MaxFailures { get; set; } = 10;

    /// <summary>Whether an endpoint may be on this machine, and then without TLS: for development and tests. Default false.</summary>
    public bool AllowLoopback { get; set; }
}
