namespace Platform.Worker.Campaigns;

/// <summary>One campaign's message to one contact, filled in.</summary>
/// <param name="Id">The same whenever it is sent again, so that a channel that knows it can leave the second one out.</param>
/// <param name="Channel">One of <see cref="Data.Conversations.Channels"/>.</param>
/// <param name="UnsubscribeUrl">Where its recipient opts out; null when that isn't configured.</param>
internal sealed record CampaignMessage(
    string Id, Guid CampaignId, Guid ContactId, string Channel, string Address, string Name, string Subject, string Text, string? UnsubscribeUrl);
