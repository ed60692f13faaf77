using System.ComponentModel.DataAnnotations;

namespace Platform.Statistics;

/// <summary>Settings of the request statistics, section <c>Statistics</c>.</summary>
public sealed class StatisticsOptions
{
    public const string Section = "Statistics";

    /// <summary>Requests slower than this are logged as warnings and counted as slow. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan SlowRequest { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What the service level promises: requests up to this long comply. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan Target { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often figures go to Redis. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:30")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait for Redis. Default 1 s; no request waits for it, only who reads the figures.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);
}
