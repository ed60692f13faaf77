using System.Security.Claims;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data;
using Platform.Jobs.Schedules;
using Platform.Tenancy;

namespace Platform.Api.Features.Jobs;

/// <summary>A tenant's schedules for its people; for operators the platform's own, or those of a tenant they name.</summary>
internal static class JobScheduleEndpoints
{
    private const int MostRuns = 50;

    public static void MapJobSchedules(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/admin/jobs/schedules").WithTags("Jobs");
        group.MapGet("/", ListAsync).RequirePermissionOrOperator(Permissions.JobsRead)
            .WithSummary("List schedules")
            .WithDescription("With their next five runs. Operators see the platform's own, or those of `tenant`.")
            .Produces<SchedulesResponse>().ProducesProblem(403).ProducesProblem(404);
        group.MapGet("/{id:guid}/runs", RunsAsync).RequirePermissionOrOperator(Permissions.JobsRead)
            .WithSummary("List a schedule's latest runs").WithDescription("Of the last 30 days, 50 at most.")
            .Produces<ScheduleRunsResponse>().ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{id:guid}/pause", (Guid id, Guid? tenant, ClaimsPrincipal user, JobScope scope, PlatformDb db, IJobSchedules schedules, CancellationToken token) =>
            SwitchAsync(id, tenant, true, user, scope, db, schedules, token)).RequirePermissionOrOperator(Permissions.JobsManage)
            .WithSummary("Pause a schedule").WithDescription("Runs that would be due meanwhile don't count as missed.")
            .Produces<ScheduleResponse>().ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{id:guid}/resume", (Guid id, Guid? tenant, ClaimsPrincipal user, JobScope scope, PlatformDb db, IJobSchedules schedules, CancellationToken token) =>
            SwitchAsync(id, tenant, false, user, scope, db, schedules, token)).RequirePermissionOrOperator(Permissions.JobsManage)
            .WithSummary("Resume a schedule")
            .Produces<ScheduleResponse>().ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<IResult> ListAsync(
        Guid? tenant, HttpContext context, JobScope scope, PlatformDb db, IJobSchedules schedules, CancellationToken cancellationToken)
    {
        if (await EnterAsync(scope, context.User, tenant, "schedules.list", cancellationToken) is { } refused)
            return refused;
        await using var transaction = await db.BeginAsync(cancellationToken);
        var all = await schedules.ListAsync(transaction.Transaction, transaction.Tenant, cancellationToken);
        var whole = JobScope.IsOperator(context.User);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new SchedulesResponse([.. all.Select(schedule => ScheduleResponse.From(schedule, whole))]));
    }

    private static async Task<IResult> RunsAsync(
        Guid id, Guid? tenant, HttpContext context, JobScope scope, PlatformDb db, IJobSchedules schedules, CancellationToken cancellationToken)
    {
        if (await EnterAsync(scope, context.User, tenant, "schedule.read", cancellationToken) is { } refused)
            return refused;
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await schedules.GetAsync(transaction.Transaction, transaction.Tenant, id, cancellationToken) is null)
            return Problems.NotFound("schedule");
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new ScheduleRunsResponse(
            await schedules.RunsAsync(transaction.Transaction, transaction.Tenant, id, MostRuns, cancellationToken)));
    }

    private static async Task<IResult> SwitchAsync(
        Guid id, Guid? tenant, bool paused, ClaimsPrincipal user, JobScope scope, PlatformDb db, IJobSchedules schedules,
        CancellationToken cancellationToken)
    {
        var action = paused ? "schedule.pause" : "schedule.resume";
        if (await EnterAsync(scope, user, tenant, action, cancellationToken) is { } refused)
            return refused;
        await using var transaction = await db.BeginAsync(cancellationToken);
        var schedule = paused
            ? await schedules.PauseAsync(transaction.Transaction, transaction.Tenant, id, cancellationToken)
            : await schedules.ResumeAsync(transaction.Transaction, transaction.Tenant, id, cancellationToken);
        if (schedule is null)
            return Problems.NotFound("schedule");
        await JobAudit.AddAsync(transaction, user, action, id.ToString(), new { name = schedule.Name, by = JobAudit.By(user) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(ScheduleResponse.From(schedule, JobScope.IsOperator(user)));
    }

    private static Task<ProblemResult?> EnterAsync(
        JobScope scope, ClaimsPrincipal user, Guid? tenant, string action, CancellationToken cancellationToken) =>
        scope.EnterAsync(user, tenant ?? (JobScope.IsOperator(user) ? PlatformTenant.Id.Value : null), action, cancellationToken);
}
