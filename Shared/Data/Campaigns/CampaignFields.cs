namespace Platform.Data.Campaigns;

/// <summary>A campaign's fields after <see cref="CampaignRules"/> accepted and tidied them.</summary>
public sealed record CampaignFields(string Name, string Channel, string Subject, string Body, CampaignAudience Audience);
