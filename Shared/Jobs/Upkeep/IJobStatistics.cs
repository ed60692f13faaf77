using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs.Upkeep;

/// <summary>How the queues stood over the last week.</summary>
public interface IJobStatistics
{
    /// <summary>The longest window there are figures for: 7 days.</summary>
    static readonly TimeSpan MaxWindow = TimeSpan.FromDays(7);

    /// <summary>How many of a tenant's jobs one call looks at.</summary>
    const int MaxTenantJobs = 20_000;

    /// <summary>
    /// Each queue over a window that ends now, by the database's clock, with a resolution of a minute at best; of all tenants together: for
    /// operators. Times are within 5 % of the exact ones, means exact.
    /// </summary>
    /// <param name="connection">Of any of the services' roles.</param>
    /// <param name="window">A minute to <see cref="MaxWindow"/>; clamped.</param>
    /// <param name="queue">One queue; null for all.</param>
    /// <param name="points">Samples a queue at most, give or take one; 1 to 1,000, clamped. Longer samples have the peaks of their minutes and their sums.</param>
    Task<IReadOnlyList<JobQueueSeries>> ReadAsync(
        NpgsqlConnection connection, TimeSpan window, string? queue = null, int points = 60, CancellationToken cancellationToken = default);

    /// <summary>
    /// The same of one tenant's jobs, from its history: of those that ended in the window, and were enqueued in it or in the day before, the
    /// newest <see cref="MaxTenantJobs"/>. Times are exact and of each job's last run; failed attempts count when their job has ended.
    /// </summary>
    /// <param name="dataSource">Of the services' role.</param>
    Task<TenantJobStatistics> ReadTenantAsync(
        NpgsqlDataSource dataSource, TenantId tenant, TimeSpan window, string? queue = null, int points = 60,
        CancellationToken cancellationToken = default);
}
