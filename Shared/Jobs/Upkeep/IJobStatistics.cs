using Npgsql;

namespace Platform.Jobs.Upkeep;

/// <summary>How the queues stood over the last week, of the platform as a whole: for operators.</summary>
public interface IJobStatistics
{
    /// <summary>The longest window there are figures for: 7 days.</summary>
    static readonly TimeSpan MaxWindow = TimeSpan.FromDays(7);

    /// <summary>Each queue over a window that ends now, by the database's clock, with a resolution of a minute at best.</summary>
    /// <param name="connection">Of any of the services' roles.</param>
    /// <param name="window">A minute to <see cref="MaxWindow"/>; clamped.</param>
    /// <param name="queue">One queue; null for all.</param>
    /// <param name="points">Samples a queue at most, give or take one; 1 to 1,000, clamped. Longer samples have the peaks of their minutes and their sums.</param>
    Task<IReadOnlyList<JobQueueSeries>> ReadAsync(
        NpgsqlConnection connection, TimeSpan window, string? queue = null, int points = 60, CancellationToken cancellationToken = default);
}
