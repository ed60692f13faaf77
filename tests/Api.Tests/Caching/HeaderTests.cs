using Platform.Api.Http;

namespace Platform.Api.Tests.Caching;

public sealed class HeaderTests
{
    [Theory]
    [Trait("Req", "D6")]
    [InlineData("", 0)]
    [InlineData("identity", 0)]
    [InlineData("gzip", 1)]
    [InlineData("GZIP, deflate", 1)]
    [InlineData("gzip, deflate, br, zstd", 2)]
    [InlineData("br;q=0.5, gzip;q=0.8", 1)]
    [InlineData("br;q=0, gzip;q=0", 0)]
    [InlineData("gzip;q=1.0,br ; q=1.0", 2)]
    [InlineData("br;q=x", 0)]
    [InlineData(",;,;q=,gzip;", 0)]
    public void EncodingChoice_takes_the_best_the_client_names(string header, int expected) =>
        Assert.Equal((AcceptedEncoding)expected, EncodingChoice.Of(header));

    [Theory]
    [Trait("Req", "C8")]
    [InlineData("\"3\"", true)]
    [InlineData("W/\"3\"", true)]
    [InlineData("\"3+br\"", true)]
    [InlineData("\"2\", \"3\"", true)]
    [InlineData("*", true)]
    [InlineData("\"4\"", false)]
    [InlineData("3", false)]
    [InlineData("\"", false)]
    [InlineData("", false)]
    public void EntityVersion_knows_its_tag(string header, bool expected) => Assert.Equal(expected, EntityVersion.IsKnown(header, "3"));
}
