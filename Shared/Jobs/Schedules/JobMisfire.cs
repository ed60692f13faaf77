namespace Platform.Jobs.Schedules;

/// <summary>What becomes of runs that were missed because no worker was there to start them.</summary>
public sealed record JobMisfire
{
    private JobMisfire(int runs) => Runs = runs;

    /// <summary>Missed runs are left out.</summary>
    public static JobMisfire Skip { get; } = new(0);

    /// <summary>However many were missed, one run makes up for them at once. The default.</summary>
    public static JobMisfire RunOnce { get; } = new(1);

    /// <summary>How many runs of those that are due at once are made, the newest; those that are on time always are.</summary>
    public int Runs { get; }

    /// <summary>Every missed run is made up for at once, up to a bound: older ones are left out.</summary>
    /// <param name="atMost">1 to 1,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not.</exception>
    public static JobMisfire RunAll(int atMost = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(atMost, 1000);
        return new JobMisfire(atMost);
    }

    internal static JobMisfire Of(int runs) => new(runs);
}
