using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Campaigns;
using Platform.Data.Validation;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Campaigns;

/// <summary>What changes campaigns. Sending them is a job's work; here it is stored and enqueued.</summary>
internal static class CampaignWrites
{
    // So far a client's clock may be behind.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public static async Task<IResult> CreateAsync(
        [FromBody] CampaignInput input, HttpContext context, PlatformDb db, PlanFeatures plan, Idempotency idempotency,
        ChangeNotice notice, IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (await plan.RequireAsync(PlanFeatures.Campaigns, cancellationToken) is { } unpaid)
            return unpaid;
        if (input.Check(out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        return await idempotency.RunAsync(context, fields!, async transaction =>
        {
            var row = await CampaignCommands.CreateAsync(db, fields!, context.User.FindUserId(), cancellationToken);
            Tell(notice, transaction, "created", row);
            return RowAnswer.Created($"/api/campaigns/{row.Id}", CampaignResponse.From(row), json.Value.SerializerOptions);
        }, cancellationToken);
    }

    public static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] CampaignInput input, HttpContext context, PlatformDb db, ChangeNotice notice,
        CancellationToken cancellationToken) =>
        input.Check(out var fields) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : await ChangeAsync(
                context, db, notice, id, CampaignTransition.Update,
                (_, _) => CampaignCommands.UpdateAsync(db, id, fields!, cancellationToken), cancellationToken);

    public static async Task<IResult> ScheduleAsync(
        Guid id, [FromBody] ScheduleInput? input, HttpContext context, PlatformDb db, PlanFeatures plan, ChangeNotice notice,
        CampaignJobs jobs, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, checks) = (time.GetUtcNow(), new FieldChecks());
        var begin = input?.ScheduledAt is { } given ? checks.Time(given, "scheduledAt", "The time") : now;
        if (begin < now - Tolerance && checks.IsFine("scheduledAt"))
            checks.Add("scheduledAt", "The time is over.");
        return checks.Errors.Count > 0
            ? Problems.Invalid(checks.Errors)
            : await ChangeAsync(
                context, db, notice, id, CampaignTransition.Schedule,
                async (transaction, _) => await CampaignCommands.MoveAsync(
                    db, id, CampaignStatus.Scheduled, begin, await jobs.StartAsync(transaction, id, begin, cancellationToken), cancellationToken),
                cancellationToken, plan);
    }

    public static Task<IResult> PauseAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CampaignJobs jobs, CancellationToken cancellationToken) =>
        StopAsync(id, context, db, notice, jobs, CampaignTransition.Pause, CampaignStatus.Paused, cancellationToken);

    public static Task<IResult> ResumeAsync(
        Guid id, HttpContext context, PlatformDb db, PlanFeatures plan, ChangeNotice notice, CampaignJobs jobs,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            context, db, notice, id, CampaignTransition.Resume,
            async (transaction, before) => await CampaignCommands.MoveAsync(
                db, id, before.StartedAt is null ? CampaignStatus.Scheduled : CampaignStatus.Sending, null,
                await jobs.StartAsync(transaction, id, before.StartedAt is null ? before.ScheduledAt : null, cancellationToken),
                cancellationToken),
            cancellationToken, plan);

    public static Task<IResult> CancelAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CampaignJobs jobs, CancellationToken cancellationToken) =>
        StopAsync(id, context, db, notice, jobs, CampaignTransition.Cancel, CampaignStatus.Cancelled, cancellationToken);

    public static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (row, problem) = await LockedRow.ForChangeAsync<Campaign>(context, db, id, "campaign", cancellationToken);
        if (row is null || (problem = CampaignTransition.Delete.Refusal(row)) is not null)
            return problem!;
        await db.Campaigns.Where(gone => gone.Id == id).ExecuteDeleteAsync(cancellationToken);
        notice.AfterCommit(transaction, "campaign.deleted", new { id });
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static Task<IResult> StopAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CampaignJobs jobs, CampaignTransition step, string status,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            context, db, notice, id, step,
            async (transaction, before) =>
            {
                await jobs.StopAsync(transaction, before, cancellationToken);
                return await CampaignCommands.MoveAsync(db, id, status, null, null, cancellationToken);
            }, cancellationToken);

    /// <param name="plan">Given when the step is one that the plan must include.</param>
    private static async Task<IResult> ChangeAsync(
        HttpContext context, PlatformDb db, ChangeNotice notice, Guid id, CampaignTransition step,
        Func<TenantTransaction, Campaign, Task<Campaign>> change, CancellationToken cancellationToken, PlanFeatures? plan = null)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (before, problem) = await LockedRow.ForChangeAsync<Campaign>(context, db, id, "campaign", cancellationToken);
        if (before is null || (problem = step.Refusal(before)) is not null)
            return problem!;
        if (plan is not null && await plan.RequireAsync(PlanFeatures.Campaigns, cancellationToken) is { } unpaid)
            return unpaid;
        var row = await change(transaction, before);
        Tell(notice, transaction, step.Verb, row);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, CampaignResponse.From(row));
    }

    private static void Tell(ChangeNotice notice, TenantTransaction transaction, string what, Campaign row) =>
        notice.AfterCommit(transaction, $"campaign.{what}", new { row.Id, row.Name, row.Status, row.ScheduledAt });
}
