using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Platform.Data.Security;

namespace Platform.Data.Tests;

[Trait("Req", "D8")]
public sealed class SecretProtectorTests
{
    private const string Old = "an-old-key-of-enough-characters", New = "a-new-key-of-enough-characters!";

    [Fact]
    public void Unprotect_gives_the_secret_back()
    {
        var protector = Create(New);
        var text = protector.Protect("secret"u8, "test");

        Assert.Equal("secret", Encoding.UTF8.GetString(protector.Unprotect(text, "test")));
        Assert.NotEqual(text, protector.Protect("secret"u8, "test"));
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Unprotect_after_rotation_reads_what_the_previous_key_wrote()
    {
        var text = Create(Old).Protect("secret"u8, "test");

        Assert.Equal("secret"u8.ToArray(), Create(New, $"something-else-entirely {Old}").Unprotect(text, "test"));
        var error = Assert.Throws<CryptographicException>(() => Create(New).Unprotect(text, "test"));
        Assert.Contains("ENCRYPTION_KEY_PREVIOUS", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1")]
    [InlineData("v1.x.y")]
    [InlineData("v2.a.b")]
    [InlineData("no secret at all")]
    public void Unprotect_of_something_else_throws(string text) =>
        Assert.Throws<CryptographicException>(() => Create(New).Unprotect(text, "test"));

    [Fact]
    public void Unprotect_of_changed_text_or_for_another_purpose_throws()
    {
        var protector = Create(New);
        var text = protector.Protect("secret"u8, "test");
        var parts = text.Split('.');
        var flipped = (parts[2][0] == 'A' ? 'B' : 'A') + parts[2][1..];

        Assert.ThrowsAny<CryptographicException>(() => protector.Unprotect($"{parts[0]}.{parts[1]}.{flipped}", "test"));
        Assert.ThrowsAny<CryptographicException>(() => protector.Unprotect(text, "other"));
        Assert.ThrowsAny<CryptographicException>(() => protector.Unprotect($"{parts[0]}.{parts[1]}.AAAA", "test"));
    }

    [Theory]
    [InlineData(null, "ENCRYPTION_KEY is not set")]
    [InlineData("short", "ENCRYPTION_KEY is too short")]
    public async Task Host_without_a_usable_key_does_not_start_and_says_why(string? key, string expected)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            [new("ConnectionStrings:platform", "Host=127.0.0.1;Port=1"), new("ENCRYPTION_KEY", key)]);
        builder.AddPlatformData();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains(expected, Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    private static SecretProtector Create(string key, string previous = "") =>
        new(Options.Create(new SecretOptions { EncryptionKey = key, PreviousKeys = previous }));
}
