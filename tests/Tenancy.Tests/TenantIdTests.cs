namespace Platform.Tenancy.Tests;

[Trait("Req", "B1")]
public sealed class TenantIdTests
{
    private const string Text = "0190c8a0-7e1c-7a30-8c3d-0123456789ab";

    [Fact]
    public void TryParse_reads_what_ToString_writes()
    {
        Assert.True(TenantId.TryParse(Text, out var id));
        Assert.Equal(Text, id.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("{0190c8a0-7e1c-7a30-8c3d-0123456789ab}")]
    [InlineData("0190c8a07e1c7a308c3d0123456789ab")]
    [InlineData(" 0190c8a0-7e1c-7a30-8c3d-0123456789ab")]
    public void TryParse_of_anything_else_is_false(string? text) => Assert.False(TenantId.TryParse(text, out _));

    [Fact]
    public void Constructor_of_the_empty_id_throws() => Assert.Throws<ArgumentException>(() => new TenantId(Guid.Empty));
}
