using System.Net;
using System.Net.Sockets;

namespace Platform.Embedded;

/// <summary>The loopback addresses of this machine: clients that say "localhost" may come by either protocol.</summary>
internal static class Loopback
{
    private static readonly Lazy<IReadOnlyList<IPAddress>> Usable = new(() =>
        CanBind(IPAddress.IPv6Loopback, 0) ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback]);

    /// <summary>127.0.0.1 and, where there is IPv6, ::1.</summary>
    public static IReadOnlyList<IPAddress> Addresses => Usable.Value;

    /// <summary>A port that is free on all of them at this moment.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Addresses.Skip(1).All(address => CanBind(address, port))) return port;
        }
    }

    /// <summary>Whether the port is free on all of them at this moment.</summary>
    public static bool IsFree(int port) => Addresses.All(address => CanBind(address, port));

    private static bool CanBind(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
