using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Platform.Data.Webhooks;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>
/// Connects to public addresses only. A name is looked up here, each of its addresses is judged, and what was judged is what is
/// connected to: a name that leads elsewhere a moment later gains nothing.
/// </summary>
internal sealed class PublicConnections(IOptions<OutgoingWebhookOptions> options)
{
    /// <summary>Follows no redirect, uses no proxy, keeps no cookies and sends no trace along.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        ConnectCallback = ConnectAsync,
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        MaxResponseHeadersLength = 16, // KB
        MaxResponseDrainSize = 0,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
    };

    public bool IsAllowed(IPAddress address) =>
        PublicAddress.IsPublic(address) || (options.Value.AllowLoopback && IPAddress.IsLoopback(address));

    /// <exception cref="RefusedAddressException">None of the name's addresses is one to call.</exception>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = Array.FindAll(await Dns.GetHostAddressesAsync(host, cancellationToken), IsAllowed);
        if (addresses.Length == 0)
            throw new RefusedAddressException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
