using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
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
            .WithDescription("Newest first, with their next five runs. Operators see the platform's own, or those of `tenant`.")
            .Produces<Page<ScheduleResponse>>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        group.MapGet("/{id:guid}", GetAsync).RequirePermissionOrOperator(Permissions.JobsRead)
            .WithSummary("Get a schedule")
            .Produces<ScheduleResponse>().ProducesProblem(403).ProducesProblem(404);
        Write(group.MapPost("/", (Guid? tenant, [FromBody] JobScheduleInput input, HttpContext context, JobScheduleWrites writes, CancellationToken token) =>
            writes.CreateAsync(tenant, input, context, token)))
            .WithSummary("Make a schedule")
            .WithDescription(
                "Asks for a report again and again, as `POST /api/reports` does once; needs the same permissions and plan. At most 100 a tenant; 409 " +
                "beyond, and when the name is taken. Operators name the `tenant`. With an `Idempotency-Key`, a repeated request creates once.")
            .Produces<ScheduleResponse>(201).ProducesProblem(400).ProducesProblem(402);
        Write(group.MapPut("/{id:guid}", (Guid id, Guid? tenant, [FromBody] JobScheduleInput input, HttpContext context, JobScheduleWrites writes, CancellationToken token) =>
            writes.ReplaceAsync(id, tenant, input, context, token)))
            .WithSummary("Replace a schedule").WithDescription("Its next run is the next time from now. 409 for one that is part of the platform.")
            .Produces<ScheduleResponse>().ProducesProblem(412);
        Write(group.MapDelete("/{id:guid}", (Guid id, Guid? tenant, HttpContext context, JobScheduleWrites writes, CancellationToken token) =>
            writes.DeleteAsync(id, tenant, context, token)))
            .WithSummary("Delete a schedule").WithDescription("Jobs it has enqueued stay. 409 for one that is part of the platform.")
            .Produces(204).ProducesProblem(412);
        group.MapGet("/{id:guid}/runs", RunsAsync).RequirePermissionOrOperator(Permissions.JobsRead)
            .WithSummary("List a schedule's latest runs").WithDescription("Of the last 30 days, 50 at most.")
            .Produces<Page<JobScheduleRun>>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{id:guid}/pause", (Guid id, Guid? tenant, HttpContext context, JobScope scope, PlatformDb db, IJobSchedules schedules, CancellationToken token) =>
            SwitchAsync(id, tenant, true, context, scope, db, schedules, token)).RequirePermissionOrOperator(Permissions.JobsManage)
            .WithSummary("Pause a schedule").WithDescription("Runs that would be due meanwhile don't count as missed.")
            .Produces<ScheduleResponse>().ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{id:guid}/resume", (Guid id, Guid? tenant, HttpContext context, JobScope scope, PlatformDb db, IJobSchedules schedules, CancellationToken token) =>
            SwitchAsync(id, tenant, false, context, scope, db, schedules, token)).RequirePermissionOrOperator(Permissions.JobsManage)
            .WithSummary("Resume a schedule")
            .Produces<ScheduleResponse>().ProducesProblem(403).ProducesProblem(404);
    }

    private static RouteHandlerBuilder Write(RouteHandlerBuilder route) => route.RequirePermissionOrOperator(Permissions.JobsManage)
        .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesValidationProblem(422);

    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, Guid? tenant, HttpContext context, JobScope scope, PlatformDb db, IJobSchedules schedules,
        CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (await EnterAsync(scope, context.User, tenant, "schedules.list", cancellationToken) is { } refused)
            return refused;
        if (ListQuestion.Read(query, scope.Tenant, "schedules", cursors, out var ask) is { } problem)
            return problem;
        await using var transaction = await db.BeginAsync(cancellationToken);
        var all = await schedules.ListAsync(transaction.Transaction, transaction.Tenant, cancellationToken);
        var whole = JobScope.IsOperator(context.User);
        context.Response.Headers.CacheControl = "no-store";
        return Page(context, ask, cursors, all, one => new Cursor(one.CreatedAt, one.Id), one => ScheduleResponse.From(one, whole));
    }

    private static async Task<IResult> GetAsync(
        Guid id, Guid? tenant, HttpContext context, JobScope scope, PlatformDb db, IJobSchedules schedules, CancellationToken cancellationToken)
    {
        if (await EnterAsync(scope, context.User, tenant, "schedule.read", cancellationToken) is { } refused)
            return refused;
        await using var transaction = await db.BeginAsync(cancellationToken);
        var schedule = await schedules.GetAsync(transaction.Transaction, transaction.Tenant, id, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return RowAnswer.Get(
            context, schedule is null ? null : ScheduleResponse.From(schedule, JobScope.IsOperator(context.User)), "schedule");
    }

    private static async Task<IResult> RunsAsync(
        Guid id, [AsParameters] PageQuery query, Guid? tenant, HttpContext context, JobScope scope, PlatformDb db, IJobSchedules schedules,
        CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (await EnterAsync(scope, context.User, tenant, "schedule.read", cancellationToken) is { } refused)
            return refused;
        if (ListQuestion.Read(query, scope.Tenant, $"schedules:{id}:runs", cursors, out var ask) is { } problem)
            return problem;
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await schedules.GetAsync(transaction.Transaction, transaction.Tenant, id, cancellationToken) is null)
            return Problems.NotFound("schedule");
        context.Response.Headers.CacheControl = "no-store";
        var all = await schedules.RunsAsync(transaction.Transaction, transaction.Tenant, id, MostRuns, cancellationToken);
        return Page(context, ask, cursors, all, run => new Cursor(run.DueAt, run.JobId), run => run);
    }

    /// <summary>Of a list so short that it is always read whole; newest first.</summary>
    /// <param name="answer">Asked for the page's rows alone.</param>
    private static IResult Page<TRow, TAnswer>(
        HttpContext context, ListQuestion ask, CursorCodec cursors, IReadOnlyList<TRow> all, Func<TRow, Cursor> place, Func<TRow, TAnswer> answer)
    {
        var rows = all.Select(row => (Row: row, Place: place(row)))
            .OrderByDescending(row => row.Place.CreatedAt).ThenByDescending(row => row.Place.Id);
        var rest = ask.After is { } after
            ? rows.Where(row => (row.Place.CreatedAt, row.Place.Id).CompareTo((after.CreatedAt, after.Id)) < 0)
            : rows.Skip(ask.Skip);
        var page = ask.Page([.. rest.Take(ask.Take)], ask.After is null ? all.Count : null, row => row.Place, cursors);
        return PageAnswer.Ok(context, new Page<TAnswer>([.. page.Data.Select(row => answer(row.Row))], page.Pagination));
    }

    private static async Task<IResult> SwitchAsync(
        Guid id, Guid? tenant, bool paused, HttpContext context, JobScope scope, PlatformDb db, IJobSchedules schedules,
        CancellationToken cancellationToken)
    {
        var user = context.User;
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
        return RowAnswer.Ok(context, ScheduleResponse.From(schedule, JobScope.IsOperator(user)));
    }

    private static Task<ProblemResult?> EnterAsync(
        JobScope scope, ClaimsPrincipal user, Guid? tenant, string action, CancellationToken cancellationToken) =>
        scope.EnterAsync(user, tenant ?? (JobScope.IsOperator(user) ? PlatformTenant.Id.Value : null), action, cancellationToken);
}
