using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Data.Webhooks;

/// <summary>The one definition of a valid webhook source.</summary>
public static class WebhookRules
{
    /// <summary>Characters.</summary>
    public const int MaxNameLength = 100, MinSecretLength = 16, MaxSecretLength = 200;

    /// <param name="tidy">The name to store, when there is no error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> CheckNew(string? provider, string? name, string? secret, out string tidy)
    {
        var checks = new FieldChecks();
        checks.OneOf(provider, "provider", "The provider", WebhookProviders.All);
        tidy = checks.Text(name, "name", "The name", MaxNameLength);
        if (checks.IsFine("provider"))
            CheckSecret(checks, provider!, secret);
        return checks.Errors;
    }

    /// <param name="tidy">The name to store, when there is no error.</param>
    public static IReadOnlyList<FieldError> CheckName(string? name, out string tidy)
    {
        var checks = new FieldChecks();
        tidy = checks.Text(name, "name", "The name", MaxNameLength);
        return checks.Errors;
    }

    public static IReadOnlyList<FieldError> CheckSecret(string provider, string? secret)
    {
        var checks = new FieldChecks();
        CheckSecret(checks, provider, secret);
        return checks.Errors;
    }

    // Meta's is made there; any other is made here, at random.
    private static void CheckSecret(FieldChecks checks, string provider, string? secret)
    {
        if (provider != WebhookProviders.Meta)
        {
            if (secret is not null)
                checks.Add("secret", "The secret is generated; leave it out.");
        }
        else if (secret is not { Length: >= MinSecretLength and <= MaxSecretLength } || secret.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            checks.Add("secret", $"The app's secret is needed: {MinSecretLength} to {MaxSecretLength} characters, as Meta shows it.");
        }
    }
}
