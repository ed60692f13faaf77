using System.Net;
using System.Text.RegularExpressions;
using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Data.Webhooks;

/// <summary>The one definition of an endpoint that may be told of events. Where its name leads to is looked at when it is called.</summary>
public static partial class WebhookEndpointRules
{
    /// <summary>Characters.</summary>
    public const int MaxUrlLength = 2000, MaxDescriptionLength = 200;

    public const int MaxEventTypes = 50;

    /// <summary>Every type.</summary>
    public const string AllEvents = "*";

    /// <param name="fields">What to store; null when there is an error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> Check(
        string? url, string? description, IReadOnlyList<string?>? eventTypes, bool disabled, out WebhookEndpointFields? fields)
    {
        var checks = new FieldChecks();
        var address = checks.Text(url, "url", "The address", MaxUrlLength);
        if (checks.IsFine("url"))
            CheckUrl(checks, ref address);
        var types = (eventTypes ?? []).Distinct(StringComparer.Ordinal).ToArray();
        if (types.Length is 0 or > MaxEventTypes)
            checks.Add("eventTypes", $"1 to {MaxEventTypes} types of events are needed; '{AllEvents}' is every type.");
        else if (types.Any(type => type is null || (type != AllEvents && !EventType().IsMatch(type))))
            checks.Add("eventTypes", "A type of events is two words, such as 'message.created'.");
        fields = new WebhookEndpointFields(
            address, checks.Text(description, "description", "The description", MaxDescriptionLength, required: false), types!, disabled);
        if (checks.Errors.Count > 0)
            fields = null;
        return checks.Errors;
    }

    private static void CheckUrl(FieldChecks checks, ref string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0
            || uri.Fragment.Length > 0)
        {
            checks.Add("url", "The address must begin with https:// and have neither a password nor a fragment.");
            return;
        }
        var isPublic = uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6
            ? IPAddress.TryParse(uri.IdnHost, out var ip) && PublicAddress.IsPublic(ip)
            : uri.HostNameType == UriHostNameType.Dns && !PublicAddress.IsLocalName(uri.IdnHost);
        if (!isPublic)
            checks.Add("url", "The address must be one that is reachable from everywhere.");
        // Numbers written in unusual ways are what they mean from here on.
        address = uri.AbsoluteUri;
        if (address.Length > MaxUrlLength)
            checks.Add("url", $"The address is longer than {MaxUrlLength} characters.");
    }

    [GeneratedRegex(@"^[a-z][a-z_]{0,39}\.[a-z][a-z_]{0,39}\z", RegexOptions.CultureInvariant)]
    private static partial Regex EventType();
}
