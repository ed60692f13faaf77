using Aspire.Hosting.Bundle;

namespace Aspire.Hosting.Tests.Bundle;

public sealed class BundleFetcherTests : IDisposable
{
    private readonly MachineFixture _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task FetchAsync_no_npm_says_what_to_install()
    {
        var fetcher = MachineFixture.Fetcher(_machine.WithoutSystemPath);

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => fetcher.FetchAsync(default));

        Assert.Contains("npm", error.Message, StringComparison.Ordinal);
        Assert.Contains("ASPIRE_DCP_PATH", error.Message, StringComparison.Ordinal);
    }

    [PosixFact]
    public async Task FetchAsync_renames_the_unpacked_bundle_into_the_cache_and_leaves_nothing_else()
    {
        _machine.InstallNpm();

        var bundle = await FetchAsync();

        Assert.Equal(Path.Combine(_machine.Cache, "13.5.4-linux-test", "dcp", "dcp"), bundle.DcpPath);
        Assert.True(File.Exists(bundle.DashboardPath));
        Assert.Equal(["13.5.4-linux-test"], Directory.GetDirectories(_machine.Cache).Select(Path.GetFileName));
    }

    [PosixFact]
    public async Task FetchAsync_started_several_times_at_once_fetches_once()
    {
        _machine.InstallNpm();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(FetchAsync)));

        Assert.Equal(1, _machine.NpmRuns);
    }

    [PosixFact]
    public async Task FetchAsync_unpacks_with_a_home_of_its_own_and_telemetry_off()
    {
        _machine.InstallNpm("""
            [ "$ASPIRE_CLI_TELEMETRY_OPTOUT" = 1 ] || exit 3
            case "$HOME" in */.staging-*/home) ;; *) exit 4 ;; esac
            [ "$3" = "$(cd "$(dirname "$0")/.." && pwd)" ] || exit 5
            mkdir -p "$3/versions/v/dcp" "$3/versions/v/managed"
            : > "$3/versions/v/dcp/dcp"
            : > "$3/versions/v/managed/aspire-managed"
            """);

        Assert.True(File.Exists((await FetchAsync()).DcpPath));
    }

    [PosixFact]
    public async Task FetchAsync_removes_what_a_killed_fetch_left()
    {
        _machine.InstallNpm();
        _machine.AddFile("cache/.staging-0123/half.tgz", "half");

        await FetchAsync();

        Assert.Empty(Directory.GetDirectories(_machine.Cache, ".staging-*"));
    }

    [PosixTheory]
    [InlineData("npm error code E404", "has no @microsoft/aspire-cli-linux-test@13.5.4")]
    [InlineData("npm error code ENOTFOUND", "cannot be reached")]
    [InlineData("npm error code E403", "refused")]
    [InlineData("npm error ENOSPC: no space left on device", "is full")]
    [InlineData("npm error code EBADPLATFORM", "not for this platform")]
    public async Task FetchAsync_npm_fails_explains_and_cleans_up(string output, string expected)
    {
        _machine.Script("bin/npm", $"mkdir -p \"$4/node_modules/half\"; echo '{output}' >&2; exit 1");

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(FetchAsync);

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(output, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_machine.Cache));
    }

    [PosixFact]
    public async Task FetchAsync_package_unpacks_incompletely_fails_and_caches_nothing()
    {
        _machine.InstallNpm("mkdir -p \"$3/versions/v/dcp\"; : > \"$3/versions/v/dcp/dcp\"");

        await Assert.ThrowsAsync<DistributedApplicationException>(FetchAsync);

        Assert.Empty(Directory.GetDirectories(_machine.Cache));
    }

    [PosixFact]
    public async Task FetchAsync_cancelled_ends_npm_and_cleans_up()
    {
        _machine.Script("bin/npm", $": > '{_machine.Home}.started'; sleep 60");
        using var cancel = new CancellationTokenSource();

        var fetch = MachineFixture.Fetcher(_machine.Environment).FetchAsync(cancel.Token);
        using (var started = new FileSystemWatcher(Path.GetDirectoryName(_machine.Home)!, "home.started"))
        {
            var seen = new TaskCompletionSource();
            started.Created += (_, _) => seen.TrySetResult();
            started.EnableRaisingEvents = true;
            if (!File.Exists(_machine.Home + ".started")) await seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Empty(Directory.GetDirectories(_machine.Cache));
    }

    private Task<AspireBundle> FetchAsync() => MachineFixture.Fetcher(_machine.Environment).FetchAsync(default);
}
