namespace Platform.Data.Campaigns;

/// <summary>A contact a campaign goes to, and how far that is; a row of <c>campaign_recipients</c>.</summary>
public sealed class CampaignRecipient : ITenantOwned
{
    public Guid TenantId { get; init; }

    public Guid CampaignId { get; init; }

    public Guid ContactId { get; init; }

    /// <summary>E-mail address or phone number, as the channel needs.</summary>
    public required string Address { get; init; }

    /// <summary>One of <see cref="RecipientState"/>.</summary>
    public required string State { get; init; }

    /// <summary>The channel's own id of the message.</summary>
    public string? ExternalId { get; init; }

    public string? Error { get; init; }

    /// <summary>How often it was tried.</summary>
    public short Attempts { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}
