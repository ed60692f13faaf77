namespace Platform.Redis;

/// <summary>How long to wait for Redis before going on without it.</summary>
public sealed class RedisCircuitOptions
{
    /// <summary>Longest wait for one call. Default 250 ms.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Failures in a row after which calls stop waiting at all. Default 3.</summary>
    public int FailuresToOpen { get; set; } = 3;

    /// <summary>Pause until Redis is tried again, in the background. Default 1 s.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);
}
