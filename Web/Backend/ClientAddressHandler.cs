namespace Platform.Web.Backend;

/// <summary>
/// Tells the API whose request this is as long as nobody has signed in: it limits those by address, and all visitors would share
/// this server's. The API believes it when this server is among its known proxies.
/// </summary>
internal sealed class ClientAddressHandler(IHttpContextAccessor contexts) : DelegatingHandler
{
    private const string ForwardedFor = "X-Forwarded-For";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization is null && contexts.HttpContext?.Connection.RemoteIpAddress is { } address)
        {
            request.Headers.Remove(ForwardedFor);
            request.Headers.TryAddWithoutValidation(ForwardedFor, address.ToString());
        }
        return base.SendAsync(request, cancellationToken);
    }
}
