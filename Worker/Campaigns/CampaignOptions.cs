using System.ComponentModel.DataAnnotations;

namespace Platform.Worker.Campaigns;

/// <summary>How campaigns are sent; section <c>Campaigns</c>.</summary>
internal sealed class CampaignOptions : IValidatableObject
{
    public const string Section = "Campaigns";

    /// <summary>Messages a second this process hands over, of all campaigns together. Default 20.</summary>
    [Range(0.01, 10_000)]
    public double MessagesPerSecond { get; set; } = 20;

    /// <summary>Contacts looked through in one transaction while recipients are gathered. Default 1000.</summary>
    [Range(1, 10_000)]
    public int GatherBatch { get; set; } = 1000;

    /// <summary>How long a campaign has its place in the queue before it is another's turn. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Slice { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a recipient is tried whom the channel can't reach for now. Default 3.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>How long to wait before such recipients are tried again. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>When campaigns that have no job get one, as cron in UTC; empty for never. Default every quarter of an hour.</summary>
    public string AdoptSchedule { get; set; } = "*/15 * * * *";

    /// <summary>
    /// Where mail programs reach the API: <c>https://api.example.com</c>. Messages then carry a link to opt out by. None by default.
    /// </summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>The gateway that takes messages of all channels but e-mail. None by default.</summary>
    public string WebhookUrl { get; set; } = "";

    /// <summary>What calls of the gateway are signed with, as Standard Webhooks writes secrets: <c>whsec_…</c>. None by default.</summary>
    public string WebhookSecret { get; set; } = "";

    /// <summary>The longest call of the gateway. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan WebhookTimeout { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PublicUrl.Length > 0 && !IsWeb(PublicUrl))
            yield return new ValidationResult("Campaigns:PublicUrl must be an address that begins with https:// or http://.");
        if (WebhookUrl.Length == 0)
            yield break;
        if (!IsWeb(WebhookUrl))
            yield return new ValidationResult("Campaigns:WebhookUrl must be an address that begins with https:// or http://.");
        if (WebhookSecret.Length < 16)
            yield return new ValidationResult("Campaigns:WebhookSecret must be set with Campaigns:WebhookUrl, to at least 16 characters.");
    }

    private static bool IsWeb(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);
}
