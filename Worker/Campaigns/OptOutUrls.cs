using Microsoft.Extensions.Options;
using Platform.Data.Campaigns;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Worker.Campaigns;

/// <summary>Where a recipient opts out.</summary>
internal sealed class OptOutUrls(SecretProtector protector, IOptions<CampaignOptions> options)
{
    /// <returns>Null when it isn't configured where the API is reached.</returns>
    public string? For(TenantId tenant, RunningCampaign campaign, Recipient recipient) =>
        options.Value.PublicUrl is { Length: > 0 } url
            ? url.TrimEnd('/') + new OptOutLink(tenant, campaign.Id, recipient.ContactId, recipient.Address).ToPath(protector)
            : null;
}
