using Platform.Api.Http;
using Platform.Data.Billing;
using Platform.Data.Contacts;

namespace Platform.Api.Features.Billing;

/// <summary>What a client says of billing; see <see cref="BillingRules"/>.</summary>
internal sealed record BillingSettingsInput(
    string? Provider, string? SecretKey, string? WebhookSecret, string? Currency, string? BillingEmail, string? Company, string? TaxId)
{
    public IReadOnlyList<FieldError> Check(out BillingFields? fields) =>
        BillingRules.Check(Provider, SecretKey, WebhookSecret, Currency, BillingEmail, Company, TaxId, out fields);
}

/// <param name="SecretKey">Its last characters behind dots; null when there is none.</param>
/// <param name="WebhookSecret">Likewise.</param>
/// <param name="UpdatedAt">Null while they are what they are without having been changed.</param>
internal sealed record BillingSettingsResponse(
    string Provider, string? SecretKey, string? WebhookSecret, string Currency, string? BillingEmail, string? Company, string? TaxId,
    DateTimeOffset? UpdatedAt, long Version) : IVersioned
{
    // Every tenant's have the same address: the first version of one must not pass for that of another.
    bool IVersioned.IsComposed => true;

    public static BillingSettingsResponse From(BillingSettings? row) => row is null
        ? new(BillingProviders.None, null, null, "EUR", null, null, null, null, 0)
        : new(
            row.Provider, SecretMask.Show(row.SecretKeyHint), SecretMask.Show(row.WebhookSecretHint), row.Currency, row.BillingEmail,
            row.Company, row.TaxId, row.UpdatedAt, row.Version);
}

/// <param name="Month">Its first day.</param>
/// <param name="InvoicedCents">Of invoices issued in it, all but drafts and void ones.</param>
/// <param name="PaidCents">Of those, what has been paid.</param>
internal sealed record BillingMonth(DateOnly Month, long Invoices, long InvoicedCents, long PaidCents);

/// <summary>Amounts in hundredths of the currency's unit; never added up across currencies.</summary>
/// <param name="OutstandingCents">Of all open invoices, whenever they were issued.</param>
/// <param name="OverdueCents">Of those, what should have been paid by now.</param>
internal sealed record BillingCurrency(
    string Currency, long Invoices, long InvoicedCents, long PaidCents, long AverageInvoiceCents, long OutstandingCents, long OverdueCents,
    IReadOnlyList<BillingMonth> Months);

/// <param name="Limit">Null for none.</param>
internal sealed record BillingUsage(string Metric, long Used, long? Limit);

/// <param name="From">First day of the first month.</param>
/// <param name="Usage">Of this month against the plan.</param>
internal sealed record BillingAnalyticsResponse(
    string Plan, DateOnly From, IReadOnlyList<BillingCurrency> Currencies, IReadOnlyList<BillingUsage> Usage, DateTimeOffset Timestamp);
