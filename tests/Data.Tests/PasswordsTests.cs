using System.Diagnostics;
using Platform.Data.Security;

namespace Platform.Data.Tests;

[Trait("Req", "D1")]
public sealed class PasswordsTests
{
    private readonly Passwords _passwords = new();

    [Fact]
    public void Verify_accepts_the_password_and_no_other()
    {
        var hash = _passwords.Hash("correct horse");

        Assert.True(_passwords.Verify(hash, "correct horse"));
        Assert.False(_passwords.Verify(hash, "correct horsf"));
        Assert.NotEqual(hash, _passwords.Hash("correct horse"));
    }

    [Fact]
    public void Verify_of_nobody_fails_but_hashes_all_the_same()
    {
        Assert.False(_passwords.Verify(null, "anything"));
        var started = Stopwatch.GetTimestamp();
        Assert.False(_passwords.Verify(null, "anything"));

        // A comparison alone takes microseconds.
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(10));
    }
}
