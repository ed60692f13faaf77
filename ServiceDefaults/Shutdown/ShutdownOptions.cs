using System.ComponentModel.DataAnnotations;

namespace Platform.ServiceDefaults.Shutdown;

/// <summary>Configuration section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Shutdown";

    /// <summary>
    /// How long a stopping service still takes requests while it already says it isn't ready, so that load balancers notice
    /// first. Default 5 s, 0 s in Development; part of <see cref="Timeout"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainDelay { get; set; }

    /// <summary>How long stopping may take altogether before it is cut off. Default 25 s; keep it below the orchestrator's own.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(25);
}
