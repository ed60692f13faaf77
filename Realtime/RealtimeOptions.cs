using System.ComponentModel.DataAnnotations;

namespace Platform.Realtime;

/// <summary>Settings of the realtime service, section <c>Realtime</c>.</summary>
internal sealed class RealtimeOptions
{
    public const string Section = "Realtime";

    /// <summary>Where the public keys of access tokens are. Default: the Api, by service discovery.</summary>
    [Required]
    public Uri KeysUri { get; set; } = new("http://api/.well-known/jwks.json");

    /// <summary>
    /// Where the Api says whom a token stands for; asked only of tokens of an external authority, <c>Auth:External</c>. Default: the Api, by
    /// service discovery.
    /// </summary>
    [Required]
    public Uri AccountUri { get; set; } = new("http://api/api/auth/me");

    /// <summary>Who issues access tokens. Default <c>platform</c>.</summary>
    [Required]
    public string Issuer { get; set; } = "platform";

    /// <summary>Whom access tokens are for. Default <c>platform</c>.</summary>
    [Required]
    public string Audience { get; set; } = "platform";

    /// <summary>Keys are read anew after this long. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan KeysLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Unknown key ids make the service ask at most this often. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan KeysMinInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Web origins, beside the service's own, whose pages may connect: <c>https://app.example</c>. Default none.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Connections of one tenant on this replica. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerTenant { get; set; } = 2_000;

    /// <summary>Connections of all tenants on this replica. Default 20,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>
    /// Events a tenant's feed holds in memory: a client that is further behind gets a resync notice. Default 500, as many
    /// as the replay window in Redis.
    /// </summary>
    [Range(1, 100_000)]
    public int BufferedEvents { get; set; } = 500;

    /// <summary>Server-sent events: a comment is sent this often, so that proxies keep the connection. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A tenant without clients is followed for this long, so that a reload finds the feed warm. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan FeedLinger { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Clients reconnect after this long, and after up to twice of it when the service stops. Default 3 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Channels one hub connection may choose. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxChannels { get; set; } = 100;
}
