namespace Platform.Data.Billing;

/// <summary>Billing settings after <see cref="BillingRules"/> accepted and tidied them.</summary>
/// <param name="SecretKey">As sent: a new key, the mask of the one that is kept, or null for none.</param>
/// <param name="WebhookSecret">Likewise.</param>
public sealed record BillingFields(
    string Provider, string? SecretKey, string? WebhookSecret, string Currency, string? BillingEmail, string? Company, string? TaxId);
