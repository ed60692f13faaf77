namespace Platform.Data.Billing;

/// <summary>What <c>invoices.status</c> may be.</summary>
public static class InvoiceStatus
{
    public const string Draft = "draft";
    public const string Open = "open";
    public const string Paid = "paid";
    public const string Void = "void";
    public const string Uncollectible = "uncollectible";
}
