using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>What people do with jobs that went wrong, and with queues. Each call is part of the caller's transaction.</summary>
public interface IJobAdmin
{
    /// <summary>Runs dead, cancelled or discarded jobs of the tenant again, with fresh attempts, each at its old place in its lane.</summary>
    /// <returns>The ids that were brought back; others are unknown, another tenant's, unfinished or succeeded.</returns>
    Task<IReadOnlyList<Guid>> RetryAsync(
        NpgsqlTransaction transaction, TenantId tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken = default);

    /// <summary>Lets dead jobs of the tenant rest: they become <c>failed</c>, and lanes they blocked go on.</summary>
    /// <returns>The ids that were dead.</returns>
    Task<IReadOnlyList<Guid>> DiscardAsync(
        NpgsqlTransaction transaction, TenantId tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken = default);

    /// <summary>Retries the tenant's oldest dead jobs, of one queue or type if given.</summary>
    /// <param name="limit">At most this many; 1 to 1,000.</param>
    Task<IReadOnlyList<Guid>> RedriveAsync(
        NpgsqlTransaction transaction, TenantId tenant, string? queue, string? type, int limit, CancellationToken cancellationToken = default);

    /// <summary>Gives an ended job of the tenant that didn't succeed another payload and runs it again, as <see cref="RetryAsync"/> does.</summary>
    /// <param name="payload">JSON in UTF-8, at most 1 MB.</param>
    /// <returns>False when there is no such job of the tenant, or it is unfinished or succeeded.</returns>
    /// <exception cref="JobException">The payload isn't JSON, or too large.</exception>
    Task<bool> EditAndRetryAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default);

    /// <summary>Stops every worker from claiming the tenant's jobs, of one queue or (null) of all; running ones go on.</summary>
    Task PauseTenantAsync(NpgsqlTransaction transaction, TenantId tenant, string? queue, CancellationToken cancellationToken = default);

    /// <summary>Undoes <see cref="PauseTenantAsync"/>; without a queue, for every queue.</summary>
    Task ResumeTenantAsync(NpgsqlTransaction transaction, TenantId tenant, string? queue, CancellationToken cancellationToken = default);

    /// <summary>Stops every worker from claiming jobs of the queue; running ones go on. For operators: needs role <c>platform_queue</c>.</summary>
    Task PauseAsync(NpgsqlTransaction transaction, string queue, CancellationToken cancellationToken = default);

    /// <summary>Undoes <see cref="PauseAsync"/>.</summary>
    Task ResumeAsync(NpgsqlTransaction transaction, string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a tenant longer turns: while several wait, it gets this many times a single share of every queue. Nobody has to wait
    /// for more than one turn of each other tenant. For whoever runs the queue: needs role <c>platform_queue</c>.
    /// </summary>
    /// <param name="weight">1, which every tenant has at first, to 100.</param>
    Task SetWeightAsync(NpgsqlTransaction transaction, TenantId tenant, int weight, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lets no more jobs of a queue start than the limit says; the others wait, at no attempt's cost, and nobody else's with them. A
    /// limit that is there already is changed. For whoever runs the queue: needs role <c>platform_queue</c>.
    /// </summary>
    /// <param name="tenant">Of this tenant; null for all tenants together. Both can be set, and both hold.</param>
    Task SetRateLimitAsync(
        NpgsqlTransaction transaction, string queue, TenantId? tenant, RateLimit limit, CancellationToken cancellationToken = default);

    /// <summary>Undoes <see cref="SetRateLimitAsync"/>.</summary>
    Task LiftRateLimitAsync(NpgsqlTransaction transaction, string queue, TenantId? tenant, CancellationToken cancellationToken = default);
}
