namespace Platform.Caching;

/// <summary>Two lifetimes of one kind side by side, each for a part of the keys; always the same one for the same key.</summary>
public sealed class CacheExperiment
{
    /// <summary>How long entries of variant <c>a</c> live.</summary>
    public TimeSpan A { get; set; }

    /// <summary>How long entries of variant <c>b</c> live.</summary>
    public TimeSpan B { get; set; }

    /// <summary>The part of the keys that is variant <c>b</c>: 0.5 is every other one. Default 0.5.</summary>
    public double Share { get; set; } = 0.5;

    internal bool IsValid => A > TimeSpan.Zero && B > TimeSpan.Zero && Share is >= 0 and <= 1;

    internal TimeSpan Ttl(string variant) => variant == "a" ? A : B;

    /// <summary>The same in every process: decided by the key alone.</summary>
    internal string VariantOf(string key)
    {
        // FNV-1a, and a last stir: keys that differ in one digit must not all fall on the same side.
        var hash = 2166136261u;
        foreach (var character in key)
            hash = (hash ^ character) * 16777619u;
        hash ^= hash >> 16;
        hash *= 0x85EBCA6Bu;
        hash ^= hash >> 13;
        hash *= 0xC2B2AE35u;
        hash ^= hash >> 16;
        return hash < Share * uint.MaxValue ? "b" : "a";
    }
}
