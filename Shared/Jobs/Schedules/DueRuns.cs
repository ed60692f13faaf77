namespace Platform.Jobs.Schedules;

/// <summary>Which of a schedule's runs are to be made now, by its misfire policy.</summary>
internal static class DueRuns
{
    /// <param name="due">The first run not made yet; not after <paramref name="now"/>.</param>
    /// <param name="grace">So late a run is still on time.</param>
    public static IReadOnlyList<DateTimeOffset> Of(CronSchedule cron, DateTimeOffset due, DateTimeOffset now, TimeSpan grace, JobMisfire misfire)
    {
        var onTime = Since(now - grace);
        if (onTime.Count >= misfire.Runs)
            return onTime;

        // Backwards in growing steps: how long nobody led must not matter for the work it takes.
        for (var step = TimeSpan.FromHours(1); ; step *= 4)
        {
            var runs = Since(now - due < step ? due : now - step);
            if (runs.Count >= misfire.Runs || now - due < step)
                return [.. runs.Skip(runs.Count - misfire.Runs)];
        }

        List<DateTimeOffset> Since(DateTimeOffset from)
        {
            var runs = new List<DateTimeOffset>();
            if (from <= due)
                runs.Add(due);
            for (var next = cron.Next(from <= due ? due : from.AddTicks(-1)); next <= now; next = cron.Next(next.Value))
                runs.Add(next.Value);
            return runs;
        }
    }
}
