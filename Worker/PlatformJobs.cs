using Npgsql;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Worker;

/// <summary>Enqueues the deployment's own jobs.</summary>
internal static class PlatformJobs
{
    /// <summary>With the caller's transaction, of role <c>platform_app</c>.</summary>
    public static async Task<Guid> EnqueueForPlatformAsync<TPayload>(
        this IJobQueue jobs, NpgsqlTransaction transaction, TPayload payload, JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull
    {
        await using var set = new NpgsqlCommand("CALL set_tenant($1)", transaction.Connection, transaction);
        set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = PlatformTenant.Id.Value });
        await set.ExecuteNonQueryAsync(cancellationToken);
        return await jobs.EnqueueAsync(transaction, PlatformTenant.Id, payload, options, cancellationToken);
    }
}
