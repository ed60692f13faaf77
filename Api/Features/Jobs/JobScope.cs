using System.Security.Claims;
using Npgsql;
using NpgsqlTypes;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Placement;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Api.Features.Jobs;

/// <summary>
/// Whose jobs a request is about: the caller's own, or those of a tenant an operator names. What an operator is about to do is
/// noted before the tenant is set; from then on everything goes the tenant's own way, under its row-level security.
/// </summary>
internal sealed class JobScope(TenantContext tenant, TenantDatabases databases, NpgsqlDataSource common, IJobOperators operators)
{
    /// <summary>Whether the caller belongs to no tenant; see <see cref="AuthExtensions.RequirePermissionOrOperator"/>.</summary>
    public static bool IsOperator(ClaimsPrincipal user) => PlatformPrincipal.From(user).Tenant is null;

    public bool HasTenant => tenant.IsSet;

    public TenantId Tenant => tenant.Current;

    public NpgsqlDataSource DataSource => databases.For(tenant.Current);

    /// <summary>The database that holds what belongs to no tenant.</summary>
    public NpgsqlDataSource Common => common;

    /// <summary>For a request about one job.</summary>
    /// <param name="action">What is done with it: <c>job.retry</c>.</param>
    /// <returns>Null when the request may go on; whether the tenant has the job is still to be seen.</returns>
    public Task<ProblemResult?> EnterJobAsync(ClaimsPrincipal user, Guid job, Guid? named, string action, CancellationToken cancellationToken) =>
        EnterOneAsync(user, named, action, "job", token => operators.FindAsync(common, user.UserId(), job, action, token), cancellationToken);

    /// <summary>The same for one batch.</summary>
    public Task<ProblemResult?> EnterBatchAsync(ClaimsPrincipal user, Guid batch, Guid? named, string action, CancellationToken cancellationToken) =>
        EnterOneAsync(user, named, action, "batch", token => operators.FindBatchAsync(common, user.UserId(), batch, action, token), cancellationToken);

    /// <summary>For a request about a tenant's jobs as a whole. An operator who names none has none afterwards.</summary>
    public async Task<ProblemResult?> EnterAsync(ClaimsPrincipal user, Guid? named, string action, CancellationToken cancellationToken)
    {
        if (!IsOperator(user))
            return named is { } other && other != tenant.Current.Value ? Problems.Forbidden("'tenant' is for operators.") : null;
        if (named is not { } id)
            return null;
        // The deployment's own jobs belong to a tenant that isn't one.
        if (id == Guid.Empty
            || (!await operators.EnterAsync(common, user.UserId(), new TenantId(id), action, cancellationToken) && id != PlatformTenant.Id.Value))
            return Problems.NotFound("tenant");
        tenant.Set(new TenantId(id));
        return null;
    }

    /// <summary>What only operators may: pauses or resumes a queue for all tenants of the common database.</summary>
    public async Task PauseForAllAsync(ClaimsPrincipal user, string queue, bool paused, CancellationToken cancellationToken) =>
        await operators.PauseAsync(common, user.UserId(), queue, paused, cancellationToken);

    /// <summary>The same for a rate limit; null lifts it. One tenant's is set where its jobs are.</summary>
    /// <returns>False when there is no such tenant.</returns>
    public async Task<bool> LimitAsync(
        ClaimsPrincipal user, PlatformDb db, string queue, TenantId? of, RateLimit? limit, CancellationToken cancellationToken)
    {
        if (of is not { } placed || !databases.IsPlaced(placed))
            return await operators.SetLimitAsync(common, user.UserId(), queue, of, limit, cancellationToken);
        if (!await operators.NoteLimitAsync(common, user.UserId(), queue, placed, limit, cancellationToken))
            return false;
        tenant.Set(placed);
        await using var transaction = await db.BeginAsync(cancellationToken);
        await using var command = transaction.CreateCommand("SELECT set_placed_job_limit($1, $2, $3)");
        command.Parameters.AddWithValue(queue);
        command.Parameters.Add(new() { Value = (object?)limit?.Permits ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = (object?)limit?.Span ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<ProblemResult?> EnterOneAsync(
        ClaimsPrincipal user, Guid? named, string action, string what, Func<CancellationToken, Task<TenantId?>> find, CancellationToken cancellationToken)
    {
        if (!IsOperator(user) || named is not null)
            return await EnterAsync(user, named, action, cancellationToken);
        if (await find(cancellationToken) is not { } owner)
            return Problems.NotFound(what);
        tenant.Set(owner);
        return null;
    }
}
