using System.Net;
using System.Net.Sockets;

namespace Platform.Testing;

/// <summary>Finds ports for servers a test starts.</summary>
public static class PortFinder
{
    /// <summary>A loopback port that is free at this moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
