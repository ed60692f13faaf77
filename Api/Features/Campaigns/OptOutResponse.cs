namespace Platform.Api.Features.Campaigns;

/// <summary>Somebody who wants no campaigns any more.</summary>
/// <param name="Address">E-mail address in lower case, or phone number.</param>
/// <param name="ContactId">Whose it was; the contact may be gone.</param>
/// <param name="CampaignId">Whose message they opted out by.</param>
internal sealed record OptOutResponse(Guid Id, string Address, Guid ContactId, Guid CampaignId, DateTimeOffset CreatedAt);
