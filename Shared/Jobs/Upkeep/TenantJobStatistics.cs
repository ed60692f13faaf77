namespace Platform.Jobs.Upkeep;

/// <summary>What became of a tenant's jobs in a window.</summary>
/// <param name="Series">By queue. Depth, running and oldest aren't known.</param>
/// <param name="Since">Set when the tenant has enqueued more than was looked at: jobs enqueued before that are left out.</param>
public sealed record TenantJobStatistics(IReadOnlyList<JobQueueSeries> Series, DateTimeOffset? Since);
