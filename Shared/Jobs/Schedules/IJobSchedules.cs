using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs.Schedules;

/// <summary>
/// A tenant's schedules. Each call is part of the caller's transaction, whose <c>app.tenant_id</c> must be the tenant. Those
/// declared in code belong to <see cref="PlatformTenant.Id"/>.
/// </summary>
public interface IJobSchedules
{
    /// <summary>Schedules a tenant may have.</summary>
    const int MaxPerTenant = 100;

    /// <summary>Makes a schedule; its first run is the first time after now, by the database's clock.</summary>
    /// <param name="name">1 to 100 characters, unique within the tenant.</param>
    /// <param name="misfire"><see cref="JobMisfire.RunOnce"/> by default.</param>
    /// <param name="options">What its jobs set apart from their type's defaults; no delay, lane or unique key.</param>
    /// <exception cref="JobException">The tenant has one of that name or too many, or the payload can't be a job's; the message says which.</exception>
    Task<JobSchedule> CreateAsync<TPayload>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        string name,
        CronSchedule cron,
        TPayload payload,
        JobMisfire? misfire = null,
        JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull;

    /// <returns>The schedule as it is now; null when the tenant has none of that id and version.</returns>
    /// <exception cref="JobException">It is declared in code, the name is taken, or the payload is of another type.</exception>
    Task<JobSchedule?> ChangeAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, JobScheduleChange change, CancellationToken cancellationToken = default);

    /// <summary>Makes no runs until it is resumed; those meanwhile don't count as missed. Pausing twice is no error.</summary>
    /// <returns>The schedule; null when the tenant has none of that id.</returns>
    Task<JobSchedule?> PauseAsync(NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default);

    /// <summary>Undoes <see cref="PauseAsync"/>: the next run is the first time after now.</summary>
    /// <returns>The schedule; null when the tenant has none of that id.</returns>
    Task<JobSchedule?> ResumeAsync(NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default);

    /// <summary>Deletes a schedule and the record of its runs; jobs it has enqueued stay.</summary>
    /// <param name="ifVersion">Delete it only if this still is its version.</param>
    /// <returns>False when the tenant has none of that id and version.</returns>
    /// <exception cref="JobException">It is declared in code: pause it.</exception>
    Task<bool> DeleteAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, int? ifVersion = null, CancellationToken cancellationToken = default);

    /// <returns>Null when the tenant has none of that id.</returns>
    Task<JobSchedule?> GetAsync(NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default);

    /// <summary>All schedules of the tenant by name, at most <see cref="MaxPerTenant"/>.</summary>
    Task<IReadOnlyList<JobSchedule>> ListAsync(NpgsqlTransaction transaction, TenantId tenant, CancellationToken cancellationToken = default);

    /// <summary>The schedule's latest runs of the last 30 days, the newest first; none when the tenant has none of that id.</summary>
    /// <param name="limit">1 to 100.</param>
    Task<IReadOnlyList<JobScheduleRun>> RunsAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, int limit = 20, CancellationToken cancellationToken = default);
}
