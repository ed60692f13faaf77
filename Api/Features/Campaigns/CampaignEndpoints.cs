using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Tenancy;

namespace Platform.Api.Features.Campaigns;

internal static class CampaignEndpoints
{
    public static void MapCampaigns(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/campaigns").WithTags("Campaigns");

        group.MapGet("/", CampaignReads.ListAsync).RequirePermission(Permissions.CampaignsRead)
            .WithSummary("List campaigns").WithDescription("Newest first.")
            .Produces<Page<CampaignResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", CampaignReads.GetAsync).RequirePermission(Permissions.CampaignsRead)
            .WithSummary("Get a campaign with its counters")
            .WithDescription("`ETag` is its version; send it back as `If-Match` with a change.")
            .Produces<CampaignResponse>().Produces(304).ProducesProblem(404);
        group.MapGet("/{id:guid}/recipients", CampaignReads.RecipientsAsync).RequirePermission(Permissions.CampaignsRead)
            .WithSummary("List a campaign's recipients").WithDescription("By contact; there are none before it is sent.")
            .Produces<Page<RecipientResponse>>().ProducesProblem(400).ProducesProblem(404);
        group.MapGet("/{id:guid}/audience", CampaignReads.AudienceAsync).RequirePermission(Permissions.CampaignsRead)
            .WithSummary("Count the contacts a campaign would reach now")
            .Produces<AudienceResponse>().ProducesProblem(404);
        group.MapPost("/audience", CampaignReads.PreviewAsync).RequirePermission(Permissions.CampaignsRead)
            .WithSummary("Count the contacts an audience would reach")
            .WithDescription("Contacts with an address for the channel, counted up to 100,000.")
            .Produces<AudienceResponse>().ProducesProblem(400).ProducesValidationProblem(422);

        group.MapPost("/", CampaignWrites.CreateAsync).RequirePermission(Permissions.CampaignsWrite)
            .WithSummary("Create a campaign")
            .WithDescription("A draft. 402 when the plan has no campaigns. With an `Idempotency-Key`, a repeated request creates once.")
            .Produces<CampaignResponse>(201).ProducesProblem(400).ProducesProblem(402).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", CampaignWrites.UpdateAsync).RequirePermission(Permissions.CampaignsWrite)
            .WithSummary("Replace a draft").Produces<CampaignResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}", CampaignWrites.DeleteAsync).RequirePermission(Permissions.CampaignsWrite)
            .WithSummary("Delete a draft")
            .Produces(204).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);

        Move(group.MapPost("/{id:guid}/schedule", CampaignWrites.ScheduleAsync))
            .WithSummary("Schedule a draft").WithDescription("`scheduledAt` is when to begin; without it, now.")
            .ProducesProblem(400).ProducesProblem(402).ProducesValidationProblem(422);
        Move(group.MapPost("/{id:guid}/pause", CampaignWrites.PauseAsync))
            .WithSummary("Pause a campaign").WithDescription("One that is scheduled or being sent.");
        Move(group.MapPost("/{id:guid}/resume", CampaignWrites.ResumeAsync))
            .WithSummary("Resume a paused campaign")
            .WithDescription("One that had begun goes on, another is scheduled as before; should that time be over, it begins now.")
            .ProducesProblem(402);
        Move(group.MapPost("/{id:guid}/cancel", CampaignWrites.CancelAsync))
            .WithSummary("Cancel a campaign").WithDescription("For good: one that is scheduled, being sent or paused.");
    }

    private static RouteHandlerBuilder Move(RouteHandlerBuilder route) => route.RequirePermission(Permissions.CampaignsWrite)
        .Produces<CampaignResponse>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
}
