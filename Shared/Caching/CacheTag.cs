using Platform.Tenancy;

namespace Platform.Caching;

/// <summary>What entries depend on, in one tenant: invalidating a tag makes all entries that carry it invalid.</summary>
/// <remarks>Its key is written only when it is needed: naming the tags of an entry that is in memory costs nothing.</remarks>
public readonly record struct CacheTag
{
    private readonly string _subject;
    private readonly string? _owner;
    private readonly Guid _id;

    private CacheTag(TenantId tenant, string subject, string? owner = null, Guid id = default) =>
        (Tenant, _subject, _owner, _id) = (tenant, subject, owner, id);

    public TenantId Tenant { get; }

    /// <summary>Where Redis keeps the tag's version.</summary>
    internal string Key => _owner is null
        ? TenantKey.Create(Tenant, "tag", KeyPart.Escape(_subject))
        : TenantKey.Create(Tenant, "tag", KeyPart.Escape(_subject), KeyPart.Escape(_owner), _id.ToString());

    /// <summary>Everything of the tenant; carried by all of its entries.</summary>
    public static CacheTag All(TenantId tenant) => new(tenant, "*");

    /// <summary>One subject: <c>contacts</c>, <c>roles</c>…</summary>
    public static CacheTag For(TenantId tenant, string subject) => new(tenant, subject);

    /// <summary>One subject of one owner: <c>events:user:{id}</c>, <c>notifications:user:{id}</c>…</summary>
    public static CacheTag For(TenantId tenant, string subject, string owner, Guid id) => new(tenant, subject, owner, id);

    /// <summary><c>{subject}:user:{id}</c></summary>
    public static CacheTag ForUser(TenantId tenant, string subject, Guid userId) => For(tenant, subject, "user", userId);

    public override string ToString() => Key;
}
