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

/// <summary>What changes campaigns. Sending them is a job's work; here only what is to be done is stored.</summary>
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
                _ => CampaignCommands.UpdateAsync(db, id, fields!, cancellationToken), cancellationToken);

    public static async Task<IResult> ScheduleAsync(
        Guid id, [FromBody] ScheduleInput? input, HttpContext context, PlatformDb db, PlanFeatures plan, ChangeNotice notice,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, checks) = (time.GetUtcNow(), new FieldChecks());
        var begin = input?.ScheduledAt is { } given ? checks.Time(given, "scheduledAt", "The time") : now;
        if (begin < now - Tolerance && checks.IsFine("scheduledAt"))
            checks.Add("scheduledAt", "The time is over.");
        return checks.Errors.Count > 0
            ? Problems.Invalid(checks.Errors)
            : await ChangeAsync(
                context, db, notice, id, CampaignTransition.Schedule,
                _ => CampaignCommands.MoveAsync(db, id, CampaignStatus.Scheduled, begin, cancellationToken), cancellationToken, plan);
    }

    public static Task<IResult> PauseAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken) =>
        ChangeAsync(
            context, db, notice, id, CampaignTransition.Pause,
            _ => CampaignCommands.MoveAsync(db, id, CampaignStatus.Paused, null, cancellationToken), cancellationToken);

    public static Task<IResult> ResumeAsync(
        Guid id, HttpContext context, PlatformDb db, PlanFeatures plan, ChangeNotice notice, CancellationToken cancellationToken) =>
        ChangeAsync(
            context, db, notice, id, CampaignTransition.Resume,
            before => CampaignCommands.MoveAsync(
                db, id, before.StartedAt is null ? CampaignStatus.Scheduled : CampaignStatus.Sending, null, cancellationToken),
            cancellationToken, plan);

    public static Task<IResult> CancelAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken) =>
        ChangeAsync(
            context, db, notice, id, CampaignTransition.Cancel,
            _ => CampaignCommands.MoveAsync(db, id, CampaignStatus.Cancelled, null, cancellationToken), cancellationToken);

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

    /// <param name="plan">Given when the step is one that the plan must include.</param>
    private static async Task<IResult> ChangeAsync(
        HttpContext context, PlatformDb db, ChangeNotice notice, Guid id, CampaignTransition step,
        Func<Campaign, Task<Campaign>> change, CancellationToken cancellationToken, PlanFeatures? plan = null)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (before, problem) = await LockedRow.ForChangeAsync<Campaign>(context, db, id, "campaign", cancellationToken);
        if (before is null || (problem = step.Refusal(before)) is not null)
            return problem!;
        if (plan is not null && await plan.RequireAsync(PlanFeatures.Campaigns, cancellationToken) is { } unpaid)
            return unpaid;
        var row = await change(before);
        Tell(notice, transaction, step.Verb, row);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, CampaignResponse.From(row));
    }

    private static void Tell(ChangeNotice notice, TenantTransaction transaction, string what, Campaign row) =>
        notice.AfterCommit(transaction, $"campaign.{what}", new { row.Id, row.Name, row.Status, row.ScheduledAt });
}
