namespace Platform.Caching;

/// <summary>A kind of cached data: everything of one kind lives equally long and is counted together.</summary>
/// <param name="Name">Part of the key, tag of the metrics, name in the settings: <c>events.list</c>.</param>
/// <param name="Ttl">How long an entry lives at most.</param>
/// <param name="Jitter">
/// Entries live up to this part shorter, so that what was filled together doesn't expire together: 0.1 is 10 %.
/// </param>
/// <param name="Version">Raise it when the cached type changes its shape: old entries are then not found any more.</param>
public sealed record CacheKind(string Name, TimeSpan Ttl, double Jitter = 0.1, int Version = 1)
{
    public override string ToString() => Name;
}
