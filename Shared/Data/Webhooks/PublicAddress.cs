using System.Net;
using System.Net.Sockets;

namespace Platform.Data.Webhooks;

/// <summary>Which addresses on the network a tenant may have called: those everybody can reach, none of ours.</summary>
public static class PublicAddress
{
    // Everything IANA reserves: this host, private, shared, link-local (cloud metadata), documentation, benchmarks, multicast, the rest.
    private static readonly IPNetwork[] Reserved =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        }.Select(IPNetwork.Parse),
    ];

    // Of IPv6, what is given out; without documentation, and without what carries an IPv4 address within (6to4, Teredo).
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotGlobal =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    private static readonly string[] LocalEnds = [".localhost", ".local", ".internal", ".lan", ".home.arpa", ".svc"];

    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Reserved.Any(network => network.Contains(address))
            : Global.Contains(address) && !NotGlobal.Any(network => network.Contains(address));
    }

    /// <summary>Whether a name can't mean anything but a machine near by.</summary>
    public static bool IsLocalName(string host)
    {
        var name = host.TrimEnd('.');
        return !name.Contains('.', StringComparison.Ordinal)
            || LocalEnds.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));
    }
}
