using System.ComponentModel.DataAnnotations;

namespace Platform.ServiceDefaults.Health;

/// <summary>Configuration section <c>Health</c>.</summary>
public sealed class HealthOptions
{
    public const string Section = "Health";

    /// <summary>How long a healthy report answers further probes, an unhealthy one a tenth of it. Default 1 s, at most 1 minute; 0 checks at each probe.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one check may take before it counts as failed. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Names of checks the service can do without: failing, they make it <c>Degraded</c>, which is still ready.</summary>
    public ISet<string> Optional { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
}
