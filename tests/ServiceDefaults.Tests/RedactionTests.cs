using Platform.ServiceDefaults.Telemetry;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "I3")]
public sealed class RedactionTests
{
    [Theory]
    [InlineData("/hub?access_token=eyJ.a.b&x=1", "/hub?access_token=***&x=1")]
    [InlineData("/events?ticket=abc", "/events?ticket=***")]
    [InlineData("a ACCESS_TOKEN=abc \"ticket=def\" end", "a ACCESS_TOKEN=*** \"ticket=***\" end")]
    [InlineData("refresh_token=abc#id_token=def", "refresh_token=***#id_token=***")]
    public void Scrub_takes_token_values_out(string text, string expected) => Assert.Equal(expected, Redaction.Scrub(text));

    [Theory]
    [InlineData("nothing to hide")]
    [InlineData("csrf_token=visible")]
    [InlineData("")]
    [InlineData(null)]
    public void Scrub_returns_other_texts_as_they_are(string? text) => Assert.Same(text, Redaction.Scrub(text));
}
