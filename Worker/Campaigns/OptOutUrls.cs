using Microsoft.Extensions.Options;
using Platform.Data.Campaigns;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Worker.Campaigns;

/// <summary>Where a recipient opts out.</summary>
internal sealed partial class OptOutUrls
{
    private readonly SecretProtector _protector;
    private readonly string _url;

    public OptOutUrls(SecretProtector protector, IOptions<CampaignOptions> options, ILogger<OptOutUrls> logger)
    {
        (_protector, _url) = (protector, options.Value.PublicUrl.TrimEnd('/'));
        // Once, as the first campaign is sent: mailbox providers think little of bulk mail without it.
        if (_url.Length == 0)
            LogNoLinks(logger);
    }

    /// <returns>Null when it isn't configured where the API is reached.</returns>
    public string? For(TenantId tenant, RunningCampaign campaign, Recipient recipient) =>
        _url.Length > 0 ? _url + new OptOutLink(tenant, campaign.Id, recipient.ContactId, recipient.Address).ToPath(_protector) : null;

    [LoggerMessage(3201, LogLevel.Warning, "Campaigns:PublicUrl is not set: campaigns' messages carry no link to opt out by")]
    private static partial void LogNoLinks(ILogger logger);
}
