using System.Globalization;
using Platform.Tenancy;

namespace Platform.Caching;

/// <summary>
/// Names one cached value. Can't be made without a tenant; no feature writes a key by hand.
/// </summary>
public sealed class CacheKey
{
    private CacheKey(TenantId tenant, CacheKind kind, string value, CacheTag[] tags)
    {
        (Tenant, Kind, Value) = (tenant, kind, value);
        Tags = Array.ConvertAll(tags, tag => tag.Key);
    }

    public TenantId Tenant { get; }

    public CacheKind Kind { get; }

    /// <summary><c>t:{tenant}:cache:kind:version:part:…</c></summary>
    internal string Value { get; }

    /// <summary>The tags' keys, the tenant's own first.</summary>
    internal string[] Tags { get; }

    /// <param name="tenant">Whose data it is.</param>
    /// <param name="kind">What it is, and so how long it lives.</param>
    /// <param name="tags">What it depends on, beside the tenant as a whole.</param>
    /// <param name="parts">
    /// What tells it from others of its kind: ids, page, filter. Whatever the fetched value depends on has to be here,
    /// the user too when users see different things. Free text is fine.
    /// </param>
    /// <exception cref="ArgumentException">A tag belongs to another tenant.</exception>
    public static CacheKey Create(TenantId tenant, CacheKind kind, ReadOnlySpan<CacheTag> tags, params ReadOnlySpan<string> parts)
    {
        var all = new CacheTag[tags.Length + 1];
        all[0] = CacheTag.All(tenant);
        for (var index = 0; index < tags.Length; index++)
        {
            if (tags[index].Tenant != tenant)
                throw new ArgumentException("A tag of another tenant can't be put on an entry.", nameof(tags));
            all[index + 1] = tags[index];
        }
        var version = kind.Version.ToString(CultureInfo.InvariantCulture);
        return new CacheKey(tenant, kind, TenantKey.Create(tenant, "cache", kind.Name, version, KeyPart.Join(parts)), all);
    }

    public override string ToString() => Value;

    /// <summary>Writes the value <see cref="Create"/> would give; false when the parts aren't plain or are too long.</summary>
    internal static bool TryWrite(Span<char> target, TenantId tenant, CacheKind kind, ReadOnlySpan<string> parts, out int written) =>
        target.TryWrite(CultureInfo.InvariantCulture, $"t:{{{tenant.Value}}}:cache:{kind.Name}:{kind.Version}:", out written)
        && target.Length - written >= KeyPart.MaxLength
        && KeyPart.TryJoin(target.Slice(written, KeyPart.MaxLength), parts, out var length)
        && (written += length) > 0;
}
