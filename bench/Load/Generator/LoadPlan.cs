using System.Net;

namespace Platform.Load.Generator;

/// <summary>What to send, where to, how fast and how long. Everything is bounded, and only this machine can be a target.</summary>
internal sealed record LoadPlan
{
    public const int MaxConnections = 1000, MaxSeconds = 300, MaxRate = 50_000;

    /// <summary>Base addresses; the connections are spread over them.</summary>
    public required string[] Targets { get; init; }

    public required PlannedRequest[] Requests { get; init; }

    /// <summary>In an open loop: how many requests may be under way; those beyond it wait, and their wait counts.</summary>
    public int Connections { get; init; } = 32;

    public double WarmUpSeconds { get; init; } = 2;

    /// <summary>In a closed loop the warm-up goes on, four times as long at most, until so many requests were sent: on a busy machine compilers get less done in a second.</summary>
    public long WarmUpRequests { get; init; }

    public double Seconds { get; init; } = 5;

    /// <summary>Requests a second, sent whether or not earlier ones were answered; null: each connection waits for its answer.</summary>
    public double? Rate { get; init; }

    /// <summary>After so many requests in all the run ends.</summary>
    public long MaxRequests { get; init; } = long.MaxValue;

    /// <summary>Of the sequence in which requests are chosen.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Text that answers are searched for; see <see cref="PlannedRequest.Marker"/>.</summary>
    public string? MarkerPrefix { get; init; }

    /// <summary>Processes, with their children, whose processor time is read: by name.</summary>
    public Dictionary<string, int> Processes { get; init; } = [];

    public IPEndPoint[] EndPoints() => [.. Targets.Select(EndPoint)];

    /// <exception cref="ArgumentException">Out of bounds, or another machine's address.</exception>
    public void Check()
    {
        _ = EndPoints();
        if (Targets.Length == 0 || Requests.Length == 0)
            throw new ArgumentException("A plan needs a target and a request.");
        if (Connections is < 1 or > MaxConnections)
            throw new ArgumentException($"1 to {MaxConnections} connections.");
        if (!(Seconds > 0 && WarmUpSeconds >= 0 && Seconds + (4 * WarmUpSeconds) <= MaxSeconds))
            throw new ArgumentException($"A run takes at most {MaxSeconds} s.");
        if (Rate is <= 0 or > MaxRate)
            throw new ArgumentException($"At most {MaxRate} requests a second.");
    }

    private static IPEndPoint EndPoint(string target)
    {
        var uri = new Uri(target);
        var address = uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) ? ip : null;
        return uri.Scheme == Uri.UriSchemeHttp && address is not null && IPAddress.IsLoopback(address)
            ? new IPEndPoint(address, uri.Port)
            : throw new ArgumentException($"Only http on this machine's loopback address can be a target, not {target}.");
    }
}
