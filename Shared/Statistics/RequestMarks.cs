namespace Platform.Statistics;

/// <summary>What is counted of a request beside its time.</summary>
[Flags]
internal enum RequestMarks
{
    None = 0,

    /// <summary>Beyond <see cref="StatisticsOptions.SlowRequest"/>.</summary>
    Slow = 1,

    /// <summary>Beyond <see cref="StatisticsOptions.Target"/>.</summary>
    Late = 2,

    /// <summary>Answered 5xx.</summary>
    Error = 4,

    /// <summary>Its answer came from the cache.</summary>
    Hit = 8,

    /// <summary>Its answer could have come from the cache, and was made.</summary>
    Miss = 16,
}
