using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Platform.Realtime.Feeds;

namespace Platform.Realtime.Connections;

/// <summary>
/// Which of its tenant's events a client gets: those it may see, and once it has chosen channels only those. Channels are
/// <c>tenant</c> (events for everybody), <c>user:{own id}</c> and resources (<c>job:{id}</c>…).
/// </summary>
internal sealed partial class ChannelFilter(RealtimeUser user, int most)
{
    public const string Tenant = "tenant";

    private readonly string _ownChannel = $"user:{user.UserId}";
    private readonly Lock _gate = new();
    private FrozenSet<string>? _chosen;

    public bool Allows(EventFrame frame)
    {
        if (frame.Channel is { } channel && channel.StartsWith("user:", StringComparison.Ordinal) && channel != _ownChannel)
            return false;
        if (frame.Permission is { } permission && !user.Permissions.Contains(permission))
            return false;
        return _chosen is not { } chosen || chosen.Contains(frame.Channel ?? Tenant);
    }

    /// <summary>Adds a channel; the first one ends getting everything.</summary>
    public ChannelChoice Choose(string? channel)
    {
        if (channel is null || !Name().IsMatch(channel))
            return ChannelChoice.Malformed;
        if (channel.StartsWith("user:", StringComparison.Ordinal) && channel != _ownChannel)
            return ChannelChoice.Forbidden;
        if (channel.StartsWith("tenant:", StringComparison.Ordinal))
        {
            if (channel != $"tenant:{user.Tenant}")
                return ChannelChoice.Forbidden;
            channel = Tenant;
        }
        lock (_gate)
        {
            var chosen = _chosen ?? [];
            if (chosen.Count >= most && !chosen.Contains(channel))
                return ChannelChoice.TooMany;
            _chosen = chosen.Append(channel).ToFrozenSet(StringComparer.Ordinal);
            return ChannelChoice.Ok;
        }
    }

    /// <summary>Takes a channel away again; without any left nothing is delivered.</summary>
    public void Leave(string? channel)
    {
        if (channel == $"tenant:{user.Tenant}")
            channel = Tenant;
        lock (_gate)
            _chosen = _chosen?.Where(name => name != channel).ToFrozenSet(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^[a-z][a-z_\-]{0,49}(:[A-Za-z0-9_.\-]{1,100})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

internal enum ChannelChoice
{
    Ok,
    Malformed,
    Forbidden,
    TooMany,
}
