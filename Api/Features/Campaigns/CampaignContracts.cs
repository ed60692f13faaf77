using Platform.Api.Http;
using Platform.Data.Campaigns;
using Platform.Data.Contacts;

namespace Platform.Api.Features.Campaigns;

/// <summary>What a client says of a campaign; see <see cref="CampaignRules"/>.</summary>
internal sealed record CampaignInput(string? Name, string? Channel, string? Subject, string? Body, CampaignAudience? Audience)
{
    public IReadOnlyList<FieldError> Check(out CampaignFields? fields) =>
        CampaignRules.Check(Name, Channel, Subject, Body, Audience, out fields);
}

/// <param name="ScheduledAt">When to begin; null is now.</param>
internal sealed record ScheduleInput(DateTimeOffset? ScheduledAt);

internal sealed record AudienceInput(string? Channel, CampaignAudience? Audience);

/// <param name="Contacts">How many the channel reaches; not counted any further than 100,000.</param>
/// <param name="IsMore">Whether there are more than that.</param>
internal sealed record AudienceResponse(long Contacts, bool IsMore);

/// <summary>How many recipients have got so far. Each of the later ones counts in the earlier ones as well.</summary>
internal sealed record CampaignCounters(int Recipients, int Sent, int Delivered, int Read, int Failed);

internal sealed record CampaignResponse(
    Guid Id, string Name, string Channel, string Subject, string Body, string Status, CampaignAudience Audience,
    DateTimeOffset? ScheduledAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, CampaignCounters Counters,
    Guid? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    public static CampaignResponse From(Campaign row) => new(
        row.Id, row.Name, row.Channel, row.Subject, row.Body, row.Status, CampaignAudience.Parse(row.Audience),
        row.ScheduledAt, row.StartedAt, row.FinishedAt,
        new CampaignCounters(row.Recipients, row.Sent, row.Delivered, row.Read, row.Failed),
        row.CreatedBy, row.CreatedAt, row.UpdatedAt, row.Version);
}

internal sealed record RecipientResponse(
    Guid ContactId, string Name, string Address, string State, string? Error, DateTimeOffset? SentAt, DateTimeOffset UpdatedAt);
