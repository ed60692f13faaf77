using System.Security.Claims;
using Platform.Api.Http;
using Platform.Data;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Api.Features.Jobs;

/// <summary>How many jobs of a queue may start in a span of time: for operators, who limit tenants as well, each where its jobs are; all tenants together are those of the common database.</summary>
internal static class JobLimits
{
    public static async Task<IResult> SetAsync(
        string queue, Guid? tenant, LimitInput input, ClaimsPrincipal user, JobScope scope, PlatformDb db, CancellationToken cancellationToken)
    {
        if (input.Permits is not (>= 1 and <= RateLimit.MostPermits))
            return Problems.Invalid("permits", $"There are 1 to {RateLimit.MostPermits} permits.");
        if (input.PerSeconds is not { } seconds || !(seconds >= RateLimit.Shortest.TotalSeconds && seconds <= RateLimit.Longest.TotalSeconds))
            return Problems.Invalid("perSeconds", $"The span is {RateLimit.Shortest.TotalSeconds} to {RateLimit.Longest.TotalSeconds} seconds.");
        return await ChangeAsync(queue, tenant, new RateLimit(input.Permits.Value, TimeSpan.FromSeconds(seconds)), user, scope, db, cancellationToken);
    }

    public static Task<IResult> LiftAsync(string queue, Guid? tenant, ClaimsPrincipal user, JobScope scope, PlatformDb db, CancellationToken cancellationToken) =>
        ChangeAsync(queue, tenant, null, user, scope, db, cancellationToken);

    private static async Task<IResult> ChangeAsync(
        string queue, Guid? tenant, RateLimit? limit, ClaimsPrincipal user, JobScope scope, PlatformDb db, CancellationToken cancellationToken)
    {
        if (!JobQueues.All.Contains(queue, StringComparer.Ordinal))
            return Problems.NotFound("queue");
        // All zeros would mean all tenants.
        return tenant != Guid.Empty && await scope.LimitAsync(user, db, queue, tenant is { } id ? new TenantId(id) : null, limit, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("tenant");
    }
}
