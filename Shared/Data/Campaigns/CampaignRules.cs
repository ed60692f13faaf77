using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Data.Validation;

namespace Platform.Data.Campaigns;

/// <summary>The one definition of a valid campaign.</summary>
public static class CampaignRules
{
    /// <summary>Characters.</summary>
    public const int MaxNameLength = 200, MaxSubjectLength = 200, MaxBodyLength = 8000, MaxSearchLength = 100;

    /// <summary>Contacts that can be named one by one; for more there is a search.</summary>
    public const int MaxContactIds = 1000;

    private static readonly string[] Known = [Channels.WhatsApp, Channels.Email, Channels.Web, Channels.Sms];

    /// <param name="fields">What to store; null when there is an error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> Check(
        string? name, string? channel, string? subject, string? body, CampaignAudience? audience, out CampaignFields? fields)
    {
        var checks = new FieldChecks();
        fields = new CampaignFields(
            checks.Text(name, "name", "The name", MaxNameLength),
            checks.OneOf(channel, "channel", "The channel", Known),
            checks.Text(subject, "subject", "The subject", MaxSubjectLength, required: channel == Channels.Email),
            checks.Text(body, "body", "The text", MaxBodyLength, lines: true),
            Audience(audience, checks));
        if (checks.Errors.Count > 0)
            fields = null;
        return checks.Errors;
    }

    /// <summary>For an audience that isn't a campaign's yet.</summary>
    public static IReadOnlyList<FieldError> Check(string? channel, CampaignAudience? audience, out CampaignAudience tidy)
    {
        var checks = new FieldChecks();
        checks.OneOf(channel, "channel", "The channel", Known);
        tidy = Audience(audience, checks);
        return checks.Errors;
    }

    private static CampaignAudience Audience(CampaignAudience? audience, FieldChecks checks)
    {
        audience ??= new CampaignAudience();
        var search = checks.Text(audience.Search, "audience", "The search", MaxSearchLength, required: false);
        var ids = audience.ContactIds?.Distinct().ToArray();
        var given = (audience.All ? 1 : 0) + (search.Length > 0 ? 1 : 0) + (ids is { Length: > 0 } ? 1 : 0);
        if (given != 1 && checks.IsFine("audience"))
            checks.Add("audience", "The audience must be one of: \"all\": true, a \"search\", or \"contactIds\".");
        if (ids?.Length > MaxContactIds)
            checks.Add("audience", $"An audience may name at most {MaxContactIds} contacts; use a search for more.");
        return new CampaignAudience(audience.All, search.Length > 0 ? search : null, ids is { Length: > 0 } ? ids : null);
    }
}
