using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Campaigns;

namespace Platform.Api.Features.Campaigns;

internal static class CampaignReads
{
    public static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query,
        [Description("draft, scheduled, sending, paused, sent or cancelled.")] string? status,
        [Description("Text to find in name and subject, at most 100 characters.")] string? search,
        HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (SearchText.Check(ref search) is { } problem)
            return problem;
        if (status is not null && !CampaignStatus.All.Contains(status))
            return Problems.BadRequest($"'status' must be one of: {string.Join(", ", CampaignStatus.All)}.");
        if (ListQuestion.Read(query, db.Tenant, $"campaigns:{status}~{search}", cursors, out var ask) is { } wrong)
            return wrong;
        var page = await CampaignQueries.PageAsync(db, status, search, ask, cursors, cancellationToken);
        return PageAnswer.Ok(context, page);
    }

    public static async Task<IResult> GetAsync(Guid id, HttpContext context, PlatformDb db, CancellationToken cancellationToken) =>
        RowAnswer.Get(
            context,
            await CampaignQueries.FindAsync(db, id, cancellationToken) is { } row ? CampaignResponse.From(row) : null,
            "campaign");

    public static async Task<IResult> RecipientsAsync(
        Guid id, [AsParameters] PageQuery query,
        [Description("pending, sending, sent, delivered, read, failed or skipped.")] string? state,
        HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (state is not null && !RecipientState.All.Contains(state))
            return Problems.BadRequest($"'state' must be one of: {string.Join(", ", RecipientState.All)}.");
        if (ListQuestion.Read(query, db.Tenant, $"campaigns:{id}:{state}", cursors, out var ask) is { } wrong)
            return wrong;
        if (await CampaignQueries.FindAsync(db, id, cancellationToken) is null)
            return Problems.NotFound("campaign");
        var page = await CampaignQueries.RecipientsAsync(db, id, state, ask, cursors, cancellationToken);
        return PageAnswer.Ok(context, page);
    }

    public static async Task<IResult> AudienceAsync(Guid id, PlatformDb db, CancellationToken cancellationToken) =>
        await CampaignQueries.FindAsync(db, id, cancellationToken) is { } row
            ? TypedResults.Ok(await CampaignQueries.AudienceAsync(
                db, row.Channel, CampaignAudience.Parse(row.Audience), cancellationToken))
            : Problems.NotFound("campaign");

    public static async Task<IResult> PreviewAsync([FromBody] AudienceInput input, PlatformDb db, CancellationToken cancellationToken) =>
        CampaignRules.Check(input.Channel, input.Audience, out var audience) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : TypedResults.Ok(await CampaignQueries.AudienceAsync(db, input.Channel!, audience, cancellationToken));
}
