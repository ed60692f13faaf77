using System.Security.Claims;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Reports;
using Platform.Jobs;
using Platform.Jobs.Schedules;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Jobs;

/// <summary>
/// Makes, changes and deletes a tenant's schedules. What they will ask for, the caller must be allowed to ask for; the plan is looked at
/// again at each run.
/// </summary>
internal sealed class JobScheduleWrites(
    PlatformDb db, JobScope scope, IJobSchedules schedules, PlanFeatures plan, Idempotency idempotency, TimeProvider time, IOptions<JsonOptions> json)
{
    public async Task<IResult> CreateAsync(Guid? tenant, JobScheduleInput input, HttpContext context, CancellationToken cancellationToken)
    {
        if (await EnterAsync(tenant, context.User, "schedule.create", cancellationToken) is { } refused)
            return refused;
        if (input.Check(time.GetUtcNow(), Caller(context.User), out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        if (Forbidden(context.User, fields!) is { } forbidden)
            return forbidden;
        if (await plan.RequireAsync(PlanFeatures.Reports, cancellationToken) is { } unpaid)
            return unpaid;
        return await idempotency.RunAsync(context, input, transaction => CreateAsync(transaction, fields!, context.User, cancellationToken), cancellationToken);
    }

    public async Task<IResult> ReplaceAsync(Guid id, Guid? tenant, JobScheduleInput input, HttpContext context, CancellationToken cancellationToken)
    {
        if (await EnterAsync(tenant, context.User, "schedule.change", cancellationToken) is { } refused)
            return refused;
        if (input.Check(time.GetUtcNow(), Caller(context.User), out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        return await ChangeAsync(id, context, "schedule.change", async (transaction, schedule) =>
        {
            if (input.Type != schedule.Type)
                return Problems.Invalid("type", $"The schedule's jobs are of type '{schedule.Type}'; make another one for others.");
            if (Forbidden(context.User, fields!) is { } forbidden)
                return forbidden;
            var change = new JobScheduleChange
            {
                Name = fields!.Name, Cron = fields.Cron, Misfire = fields.Misfire, Payload = fields.Payload, IfVersion = schedule.Version,
            };
            return await schedules.ChangeAsync(transaction.Transaction, transaction.Tenant, id, change, cancellationToken) is { } changed
                ? RowAnswer.Ok(context, ScheduleResponse.From(changed, JobScope.IsOperator(context.User)))
                : Problems.PreconditionFailed("schedule");
        }, cancellationToken);
    }

    public async Task<IResult> DeleteAsync(Guid id, Guid? tenant, HttpContext context, CancellationToken cancellationToken) =>
        await EnterAsync(tenant, context.User, "schedule.delete", cancellationToken) is { } refused
            ? refused
            : await ChangeAsync(id, context, "schedule.delete", async (transaction, schedule) =>
                await schedules.DeleteAsync(transaction.Transaction, transaction.Tenant, id, schedule.Version, cancellationToken)
                    ? TypedResults.NoContent()
                    : Problems.PreconditionFailed("schedule"), cancellationToken);

    private async Task<CreateOutcome> CreateAsync(
        TenantTransaction transaction, JobScheduleFields fields, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        try
        {
            var schedule = await schedules.CreateAsync(
                transaction.Transaction, transaction.Tenant, fields.Name, fields.Cron, fields.Payload, fields.Misfire, null, cancellationToken);
            await NoteAsync(transaction, user, "schedule.create", schedule, cancellationToken);
            return RowAnswer.Created(
                $"/api/admin/jobs/schedules/{schedule.Id}", ScheduleResponse.From(schedule, JobScope.IsOperator(user)), json.Value.SerializerOptions);
        }
        catch (JobException e)
        {
            return Problems.Conflict(e.Message); // The name is taken, or there are too many.
        }
    }

    /// <param name="change">Does it, unless the schedule isn't as the request says; commits nothing when its answer is a problem.</param>
    private async Task<IResult> ChangeAsync(
        Guid id, HttpContext context, string action, Func<TenantTransaction, JobSchedule, Task<IResult>> change, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await schedules.GetAsync(transaction.Transaction, transaction.Tenant, id, cancellationToken) is not { } schedule)
            return Problems.NotFound("schedule");
        if (!EntityVersion.Allows(context.Request, schedule.Version))
            return Problems.PreconditionFailed("schedule");
        if (schedule.Declared)
            return Problems.Conflict("This schedule is part of the platform: it can be paused, but neither changed nor deleted.");
        try
        {
            var answer = await change(transaction, schedule);
            if (answer is ProblemResult)
                return answer;
            await NoteAsync(transaction, context.User, action, schedule, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return answer;
        }
        catch (JobException e)
        {
            return Problems.Conflict(e.Message); // The name is taken.
        }
    }

    private async Task<ProblemResult?> EnterAsync(Guid? tenant, ClaimsPrincipal user, string action, CancellationToken cancellationToken) =>
        await scope.EnterAsync(user, tenant ?? (JobScope.IsOperator(user) ? PlatformTenant.Id.Value : null), action, cancellationToken) is { } refused
            ? refused
            : scope.Tenant == PlatformTenant.Id && action == "schedule.create"
                ? Problems.BadRequest("'tenant' says whose schedule: the platform's own are declared by its settings.")
                : null;

    /// <summary>An API key isn't a person.</summary>
    private static Guid? Caller(ClaimsPrincipal user) => JobScope.IsOperator(user) ? null : user.FindUserId();

    private static ProblemResult? Forbidden(ClaimsPrincipal user, JobScheduleFields fields) => JobScope.IsOperator(user) ? null :
        ((string[])[Permissions.ReportsWrite, ReportKinds.PermissionFor(fields.Payload.Kind)]).FirstOrDefault(needed => !user.Holds(needed)) is { } missing
            ? Problems.Forbidden($"A schedule of such reports needs the permission '{missing}'.")
            : null;

    private static Task NoteAsync(
        TenantTransaction transaction, ClaimsPrincipal user, string action, JobSchedule schedule, CancellationToken cancellationToken) =>
        JobAudit.AddAsync(transaction, user, action, schedule.Id.ToString(), new { name = schedule.Name, by = JobAudit.By(user) }, cancellationToken);
}
