using System.Globalization;
using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Data.Billing;

/// <summary>The one definition of valid billing settings.</summary>
public static class BillingRules
{
    /// <summary>Characters. A shorter secret would be half told by its hint.</summary>
    public const int MinSecretLength = 12, MaxSecretLength = 500, MaxCompanyLength = 200, MaxTaxIdLength = 40;

    private static readonly string[] Providers =
        [BillingProviders.None, BillingProviders.Stripe, BillingProviders.Adyen, BillingProviders.Mollie];

    private static readonly HashSet<string> Currencies =
    [
        .. CultureInfo.GetCultures(CultureTypes.SpecificCultures).Select(culture => new RegionInfo(culture.Name).ISOCurrencySymbol)
            .Where(symbol => symbol.Length == 3), "EUR", "USD", "GBP", "CHF",
    ];

    /// <param name="fields">What to store; null when there is an error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> Check(
        string? provider, string? secretKey, string? webhookSecret, string? currency, string? billingEmail, string? company, string? taxId,
        out BillingFields? fields)
    {
        var checks = new FieldChecks();
        fields = new BillingFields(
            checks.OneOf(provider, "provider", "The provider", Providers, orElse: BillingProviders.None),
            Secret(secretKey, "secretKey", "The key", checks),
            Secret(webhookSecret, "webhookSecret", "The secret", checks),
            checks.Text(currency ?? "EUR", "currency", "The currency", 3),
            checks.Email(billingEmail, "billingEmail", "The e-mail address"),
            Optional(checks.Text(company, "company", "The company", MaxCompanyLength, required: false)),
            Optional(checks.Text(taxId, "taxId", "The tax id", MaxTaxIdLength, required: false)));
        if (checks.IsFine("currency") && !Currencies.Contains(fields.Currency))
            checks.Add("currency", "The currency must be a code of ISO 4217, such as EUR.");
        if (checks.Errors.Count > 0)
            fields = null;
        return checks.Errors;
    }

    private static string? Secret(string? value, string field, string label, FieldChecks checks)
    {
        var text = checks.Text(value, field, label, MaxSecretLength, required: false);
        if (text.Length > 0 && !SecretMask.IsMask(text) && checks.IsFine(field))
        {
            if (text.Length < MinSecretLength)
                checks.Add(field, $"{label} is shorter than {MinSecretLength} characters.");
            else if (text.AsSpan().ContainsAnyExceptInRange('!', '~'))
                checks.Add(field, $"{label} must be printable ASCII characters without spaces.");
        }
        return Optional(text);
    }

    private static string? Optional(string text) => text.Length > 0 ? text : null;
}
