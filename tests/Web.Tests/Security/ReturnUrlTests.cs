using Platform.Web.Security;

namespace Platform.Web.Tests.Security;

public sealed class ReturnUrlTests
{
    [Theory]
    [Trait("Req", "H1")]
    [InlineData("/contacts")]
    [InlineData("/contacts?q=anna&page=2")]
    [InlineData("/import/0193d2c4-0000-7000-8000-000000000001#top")]
    [InlineData("/?x=https://elsewhere.example")]
    public void Safe_local_address_is_kept(string url) => Assert.Equal(url, ReturnUrl.Safe(url));

    [Theory]
    [Trait("Req", "H1")]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("contacts")]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    [InlineData("/contacts\\..\\x")]
    [InlineData("/\t/elsewhere.example/")]
    [InlineData("/\r\nSet-Cookie: a=b")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/sign-in?returnUrl=/sign-in")]
    [InlineData("/Sign-Out")]
    public void Safe_anything_else_becomes_home(string? url) => Assert.Equal(ReturnUrl.Home, ReturnUrl.Safe(url));

    [Fact]
    public void Safe_endless_address_becomes_home() => Assert.Equal(ReturnUrl.Home, ReturnUrl.Safe("/" + new string('a', 2000)));
}
