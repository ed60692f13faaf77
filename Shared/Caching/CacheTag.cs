using Platform.Tenancy;

namespace Platform.Caching;

/// <summary>What entries depend on, in one tenant: invalidating a tag makes all entries that carry it invalid.</summary>
public readonly record struct CacheTag
{
    private CacheTag(TenantId tenant, string key) => (Tenant, Key) = (tenant, key);

    public TenantId Tenant { get; }

    /// <summary>Where Redis keeps the tag's version.</summary>
    internal string Key { get; }

    /// <summary>Everything of the tenant; carried by all of its entries.</summary>
    public static CacheTag All(TenantId tenant) => new(tenant, TenantKey.Create(tenant, "tag", "*"));

    /// <summary>One subject: <c>contacts</c>, <c>roles</c>…</summary>
    public static CacheTag For(TenantId tenant, string subject) => new(tenant, TenantKey.Create(tenant, "tag", KeyPart.Escape(subject)));

    /// <summary>One subject of one owner: <c>events:user:{id}</c>, <c>notifications:user:{id}</c>…</summary>
    public static CacheTag For(TenantId tenant, string subject, string owner, Guid id) =>
        new(tenant, TenantKey.Create(tenant, "tag", KeyPart.Escape(subject), KeyPart.Escape(owner), id.ToString()));

    /// <summary><c>{subject}:user:{id}</c></summary>
    public static CacheTag ForUser(TenantId tenant, string subject, Guid userId) => For(tenant, subject, "user", userId);

    public override string ToString() => Key;
}
