using System.ComponentModel.DataAnnotations;

namespace Platform.Api.Http;

/// <summary>Which proxies may say who the client is, section <c>Proxies</c>.</summary>
public sealed class ProxyOptions
{
    public const string Section = "Proxies";

    /// <summary>Networks of trusted proxies beside loopback, in CIDR form. None by default.</summary>
    public IList<string> KnownNetworks { get; } = [];

    /// <summary>How many trusted proxies stand in a row. Default 1.</summary>
    [Range(1, 10)]
    public int ForwardLimit { get; set; } = 1;
}
