using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Memory;

namespace Platform.Caching;

/// <summary>
/// The process's own level. Entries point at their tags' counters; a hint raises a counter and by that makes every entry
/// invalid that was filled before, without looking for them.
/// </summary>
internal sealed class LocalCache(long bytes, TimeProvider time) : IDisposable
{
    // Enough for the active users of a replica; beyond, all is forgotten and begins anew.
    private const int MaxTags = 100_000;

    // What an entry costs beside its value, roughly.
    private const int Overhead = 512;

    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = bytes });
    private readonly LocalTag _everything = new();
    private ConcurrentDictionary<string, LocalTag> _tags = new(StringComparer.Ordinal);

    public bool TryGet(ReadOnlySpan<char> key, [NotNullWhen(true)] out LocalEntry? entry)
    {
        entry = _entries.TryGetValue(key, out var found) ? (LocalEntry)found! : null;
        return entry is not null && entry.StaleAt > time.GetUtcNow() && entry.Snapshot.IsCurrent;
    }

    /// <summary>Notes the tags' counters; take it before reading what the entry will be made of.</summary>
    public LocalSnapshot Snapshot(string[] tags)
    {
        var counters = new (LocalTag, long)[tags.Length + 1];
        counters[0] = (_everything, _everything.Count);
        if (_tags.Count > MaxTags)
        {
            // In this order: a snapshot that still has a counter of the old table has the old count of everything, too.
            _tags = new ConcurrentDictionary<string, LocalTag>(StringComparer.Ordinal);
            _everything.Raise();
            counters[0] = (_everything, _everything.Count);
        }
        for (var index = 0; index < tags.Length; index++)
        {
            var tag = _tags.GetOrAdd(tags[index], static _ => new LocalTag());
            counters[index + 1] = (tag, tag.Count);
        }
        return new LocalSnapshot(counters);
    }

    public void Set(string key, LocalEntry entry, int size)
    {
        var left = entry.StaleAt - time.GetUtcNow();
        if (left <= TimeSpan.Zero || !entry.Snapshot.IsCurrent)
            return;
        _entries.Set(key, entry, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = left, Size = size + key.Length + Overhead });
    }

    public void Remove(string key) => _entries.Remove(key);

    /// <summary>A tag was invalidated, here or elsewhere.</summary>
    public void Invalidate(string tag)
    {
        if (_tags.TryGetValue(tag, out var counter))
            counter.Raise();
    }

    /// <summary>Hints may have been missed.</summary>
    public void InvalidateAll() => _everything.Raise();

    public void Dispose() => _entries.Dispose();
}

/// <summary>How often a tag was invalidated, as far as this process has heard.</summary>
internal sealed class LocalTag
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public void Raise() => Interlocked.Increment(ref _count);
}

/// <summary>Counters of an entry's tags at one moment.</summary>
internal sealed class LocalSnapshot((LocalTag Tag, long Count)[] counters)
{
    public bool IsCurrent
    {
        get
        {
            foreach (var (tag, count) in counters)
            {
                if (tag.Count != count)
                    return false;
            }
            return true;
        }
    }
}

/// <summary>A value in memory.</summary>
/// <param name="Value">The object callers share.</param>
/// <param name="StaleAt">When Redis is to be asked again.</param>
/// <param name="ExpiresAt">When the value has to be fetched again.</param>
/// <param name="FetchTime">What fetching took.</param>
/// <param name="Lifetime">The whole lifetime.</param>
/// <param name="Snapshot">Its tags' counters from before it was read.</param>
/// <param name="IsHit">Whether it came out of Redis.</param>
/// <param name="Variant">The experiment's variant it is counted for; null outside one.</param>
internal sealed record LocalEntry(
    object? Value, DateTimeOffset StaleAt, DateTimeOffset ExpiresAt, TimeSpan FetchTime, TimeSpan Lifetime, LocalSnapshot Snapshot,
    bool IsHit, string? Variant)
{
    /// <summary>Made for the first who asks.</summary>
    public LocalPlace? Place { get; set; }
}
