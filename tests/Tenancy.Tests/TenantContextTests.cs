namespace Platform.Tenancy.Tests;

[Trait("Req", "B1")]
public sealed class TenantContextTests
{
    private readonly TenantId _tenant = new(Guid.CreateVersion7());

    [Fact]
    public void Current_before_a_tenant_is_set_throws()
    {
        var context = new TenantContext();

        Assert.False(context.IsSet);
        Assert.Throws<InvalidOperationException>(() => context.Current);
    }

    [Fact]
    public void Set_same_tenant_again_keeps_it()
    {
        var context = new TenantContext();

        context.Set(_tenant);
        context.Set(_tenant);

        Assert.Equal(_tenant, context.Current);
    }

    [Fact]
    public void Set_another_tenant_throws_and_changes_nothing()
    {
        var context = new TenantContext();
        context.Set(_tenant);

        Assert.Throws<InvalidOperationException>(() => context.Set(new TenantId(Guid.CreateVersion7())));

        Assert.Equal(_tenant, context.Current);
    }

    [Fact]
    public void Set_the_default_id_throws()
    {
        var context = new TenantContext();

        Assert.Throws<ArgumentException>(() => context.Set(default));

        Assert.False(context.IsSet);
    }
}
