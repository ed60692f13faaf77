namespace Platform.Caching;

/// <summary>Where a value lies in this process's memory. Doesn't keep it there.</summary>
public sealed class LocalPlace
{
    private readonly WeakReference<LocalEntry> _entry;

    internal LocalPlace(CacheKind kind, LocalEntry entry) => (Kind, _entry) = (kind, new WeakReference<LocalEntry>(entry));

    internal CacheKind Kind { get; }

    internal LocalEntry? Entry => _entry.TryGetTarget(out var entry) ? entry : null;
}
