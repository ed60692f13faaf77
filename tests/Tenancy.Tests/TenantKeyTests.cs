namespace Platform.Tenancy.Tests;

[Trait("Req", "B3")]
public sealed class TenantKeyTests
{
    private static readonly TenantId Tenant = new(Guid.Parse("0190c8a0-7e1c-7a30-8c3d-0123456789ab"));

    [Fact]
    public void Create_starts_with_the_tenant_as_a_hash_tag() =>
        Assert.Equal("t:{0190c8a0-7e1c-7a30-8c3d-0123456789ab}:events:window:7", TenantKey.Create(Tenant, "events", "window", "7"));

    [Fact]
    public void Create_without_parts_ends_with_the_area() =>
        Assert.Equal("t:{0190c8a0-7e1c-7a30-8c3d-0123456789ab}:seq", TenantKey.Create(Tenant, "seq"));

    [Fact]
    public void Create_for_two_tenants_differs() =>
        Assert.NotEqual(TenantKey.Create(Tenant, "seq"), TenantKey.Create(new TenantId(Guid.CreateVersion7()), "seq"));
}
