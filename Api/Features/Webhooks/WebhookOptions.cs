using System.ComponentModel.DataAnnotations;

namespace Platform.Api.Features.Webhooks;

/// <summary>How calls of other systems are taken in, section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>How far a call's signed time may be from now, either way. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a source, or that there is none, is remembered: so long other replicas accept an ended secret. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan SourceTtl { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Sources remembered at once. Default 10,000.</summary>
    [Range(0, 1_000_000)]
    public int Sources { get; set; } = 10_000;
}
