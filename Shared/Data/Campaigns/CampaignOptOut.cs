namespace Platform.Data.Campaigns;

/// <summary>Somebody who wants no campaigns any more; a row of <c>campaign_opt_outs</c>.</summary>
public sealed class CampaignOptOut : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>E-mail address in lower case, or phone number; unique in the tenant.</summary>
    public required string AddressKey { get; init; }

    /// <summary>Whose address it was; the contact may be gone.</summary>
    public Guid ContactId { get; init; }

    /// <summary>Whose message they opted out by.</summary>
    public Guid CampaignId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}
