namespace Platform.Embedded.Tests;

[Trait("Req", "D10")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class VipsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Library_is_fetched_once_and_kept()
    {
        var first = await EmbeddedVips.LocateAsync();
        var second = await EmbeddedVips.LocateAsync();

        Assert.Null(first.Reason);
        Assert.True(new FileInfo(first.Library!).Length > 1_000_000);
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData("echo something else >img-sharp-libvips.tgz", "gave another")]
    [InlineData("echo 'npm error code ENOTFOUND' >&2; exit 1", "check the network")]
    [InlineData(null, "npm isn't on the PATH")]
    public async Task Another_file_or_none_is_a_reason_and_leaves_nothing(string? npm, string reason)
    {
        var tools = new FakeTools(_folder);
        if (npm is not null)
            tools.Add("npm", npm);
        await using var host = EmbeddedHost.Start(["locate-vips", "ephemeral"], tools.Environment);

        var (exitCode, output) = await EmbeddedHost.EndAsync(host);

        Assert.Equal(0, exitCode);
        Assert.Contains("located (, ", output, StringComparison.Ordinal);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(_folder["cache/platform"]));
    }
}
