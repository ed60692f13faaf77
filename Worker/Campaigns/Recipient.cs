namespace Platform.Worker.Campaigns;

/// <summary>A contact who is still to get a campaign's message.</summary>
internal sealed record Recipient(Guid ContactId, string Address, string Name, string? Email, string? Phone)
{
    /// <param name="unsubscribeUrl">Also takes the place of <c>{{unsubscribe}}</c> in the text.</param>
    public CampaignMessage Message(RunningCampaign campaign, string? unsubscribeUrl) => new(
        $"{campaign.Id:N}-{ContactId:N}", campaign.Id, ContactId, campaign.Channel, Address, Name, Filled(campaign.Subject),
        Filled(campaign.Body.Replace("{{unsubscribe}}", unsubscribeUrl, StringComparison.OrdinalIgnoreCase)), unsubscribeUrl);

    private string Filled(string text) => text
        .Replace("{{email}}", Email, StringComparison.OrdinalIgnoreCase)
        .Replace("{{phone}}", Phone, StringComparison.OrdinalIgnoreCase)
        // Last, for a name could look like one of the others.
        .Replace("{{name}}", Name, StringComparison.OrdinalIgnoreCase);
}
