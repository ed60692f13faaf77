namespace Platform.Data.Billing;

/// <summary>What <c>billing_settings.provider</c> may be.</summary>
public static class BillingProviders
{
    public const string None = "none";
    public const string Stripe = "stripe";
    public const string Adyen = "adyen";
    public const string Mollie = "mollie";
}
