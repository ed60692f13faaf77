using Platform.Data.Campaigns;

namespace Platform.Worker.Campaigns;

/// <summary>A campaign as a run of its job finds it.</summary>
/// <param name="Wait">How long until it is to begin; zero once it is time.</param>
/// <param name="IsGathered">Whether all of its recipients are known.</param>
internal sealed record RunningCampaign(
    Guid Id, string Name, string Status, string Channel, string Subject, string Body, CampaignAudience Audience, bool IsGathered,
    int Recipients, int Done, TimeSpan Wait);
