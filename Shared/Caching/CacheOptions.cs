using System.ComponentModel.DataAnnotations;

namespace Platform.Caching;

/// <summary>Settings of the tenant cache, section <c>Cache</c>; read anew when the configuration changes.</summary>
public sealed class CacheOptions
{
    public const string Section = "Cache";

    /// <summary>False switches reading and filling off; invalidations go on. Also <c>REDIS_CACHE_ENABLED=0</c>. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Times by kind instead of those of <see cref="CacheKinds"/>: <c>Cache:Ttl:events.list=00:02:00</c>.</summary>
    public IDictionary<string, TimeSpan> Ttl { get; } = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);

    /// <summary>
    /// How long a process keeps a value in memory before it looks at Redis again: the longest a replica that missed an
    /// invalidation's hint can be behind. Default 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan LocalTtl { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The same while Redis, and so every hint, is away; 0 fetches each time. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LocalTtlWithoutRedis { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Memory for local values, bytes. Default 64 MiB.</summary>
    [Range(0, int.MaxValue)]
    public long LocalBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Longest wait for Redis. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:05")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Values larger than this are compressed, bytes. Default 1 KiB.</summary>
    [Range(0, int.MaxValue)]
    public int CompressAbove { get; set; } = 1024;

    /// <summary>Values larger than this stay out of Redis, bytes. Default 1 MiB, at most 64 MiB.</summary>
    [Range(0, CacheEntry.MaxLength)]
    public int MaxBytes { get; set; } = 1024 * 1024;

    /// <summary>How eagerly hot entries are refreshed before they expire; 0 never. Default 1.</summary>
    [Range(0, 100)]
    public double EarlyRefresh { get; set; } = 1;

    /// <summary>Two times of one kind to compare, by kind: <c>Cache:Experiments:events.list:A=00:05:00</c>, <c>:B</c>, <c>:Share</c>.</summary>
    public IDictionary<string, CacheExperiment> Experiments { get; } = new Dictionary<string, CacheExperiment>(StringComparer.Ordinal);

    /// <summary>How many of the tenants that were active last have their hot entries filled at start; 0 none. Default 50.</summary>
    [Range(0, 10_000)]
    public int WarmUpTenants { get; set; } = 50;

    /// <summary>How many tenants at once. Default 2.</summary>
    [Range(1, 64)]
    public int WarmUpConcurrency { get; set; } = 2;

    /// <summary>After which it ends, done or not. Default 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan WarmUpTime { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a service that warms looks whether it was asked to do it again. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:05:00")]
    public TimeSpan WarmUpPoll { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long entries of a kind live by the settings, outside an experiment.</summary>
    public TimeSpan TtlOf(CacheKind kind) => Ttl.TryGetValue(kind.Name, out var configured) ? configured : kind.Ttl;
}
