namespace Platform.Worker.OutgoingWebhooks;

/// <summary>An endpoint's name leads to no address that tenants may have called.</summary>
internal sealed class RefusedAddressException : Exception
{
    public RefusedAddressException()
        : base("The name leads to no address that is reachable from everywhere.")
    {
    }
}
