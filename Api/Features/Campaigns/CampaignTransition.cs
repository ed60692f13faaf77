using Platform.Api.Http;
using Platform.Data.Campaigns;

namespace Platform.Api.Features.Campaigns;

/// <summary>A step of a campaign's life: who asks for it finds the campaign in one of these states, or gets a 409.</summary>
/// <param name="Verb">"paused": for the event's type and the refusal's sentence.</param>
internal sealed record CampaignTransition(string Verb, params string[] From)
{
    public static readonly CampaignTransition
        Update = new("updated", CampaignStatus.Draft),
        Schedule = new("scheduled", CampaignStatus.Draft),
        Pause = new("paused", CampaignStatus.Scheduled, CampaignStatus.Sending),
        Resume = new("resumed", CampaignStatus.Paused),
        Cancel = new("cancelled", CampaignStatus.Scheduled, CampaignStatus.Sending, CampaignStatus.Paused),
        Delete = new("deleted", CampaignStatus.Draft);

    /// <returns>Null when the campaign may take the step.</returns>
    public ProblemResult? Refusal(Campaign campaign) => From.Contains(campaign.Status)
        ? null
        : Problems.Conflict(
            $"A campaign that is '{campaign.Status}' can't be {Verb}, only one that is '{string.Join("' or '", From)}'.",
            "status");
}
