namespace Aspire.Hosting.Tests.Bundle;

public sealed class AspireBundleLocatorTests : IDisposable
{
    private readonly MachineFixture _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task LocateAsync_paths_configured_uses_them_and_searches_nothing()
    {
        var dcp = _machine.AddFile("own/dcp/dcp");
        var dashboard = _machine.AddFile("own/dash/Aspire.Dashboard.dll");
        var locator = MachineFixture.Locator(
            _machine.WithoutSystemPath, ("ASPIRE_DCP_PATH", Path.GetDirectoryName(dcp)!), ("ASPIRE_DASHBOARD_PATH", dashboard));

        var bundle = await locator.LocateAsync(default);

        Assert.Equal(dcp, bundle.DcpPath);
        Assert.Equal(dashboard, bundle.DashboardPath);
    }

    [Fact]
    public async Task LocateAsync_command_line_path_wins_over_environment()
    {
        var dcp = _machine.AddFile("own/dcp");
        var dashboard = _machine.AddFile("own/aspire-managed");
        var locator = MachineFixture.Locator(
            _machine.WithoutSystemPath, ("DcpPublisher:CliPath", dcp), ("DcpPublisher:DashboardPath", dashboard),
            ("ASPIRE_DCP_PATH", "/nowhere"), ("ASPIRE_DASHBOARD_PATH", "/nowhere"));

        Assert.Equal(dcp, (await locator.LocateAsync(default)).DcpPath);
    }

    [Theory]
    [InlineData("DcpPublisher:CliPath")]
    [InlineData("ASPIRE_DCP_PATH")]
    [InlineData("ASPIRE_DASHBOARD_PATH")]
    public async Task LocateAsync_configured_path_missing_names_the_setting(string key)
    {
        var locator = MachineFixture.Locator(_machine.WithoutSystemPath, (key, "/nowhere/at-all"));

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => locator.LocateAsync(default));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_only_dcp_configured_takes_the_dashboard_from_the_installation()
    {
        var dcp = _machine.AddFile("own/dcp");
        var installed = _machine.Install("home/.aspire", "13.5.4");

        var bundle = await MachineFixture.Locator(_machine.WithoutSystemPath, ("DcpPublisher:CliPath", dcp)).LocateAsync(default);

        Assert.Equal(dcp, bundle.DcpPath);
        Assert.StartsWith(installed, bundle.DashboardPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_aspire_on_path_uses_its_bundle()
    {
        var installed = _machine.Install("opt/aspire", "13.5.9");
        var program = _machine.Script("opt/aspire/bin/aspire", "exit 1");
        Directory.CreateDirectory(_machine.Bin);
        File.CreateSymbolicLink(Path.Combine(_machine.Bin, "aspire"), program);
        _machine.Install("home/.aspire", "13.5.4");

        var bundle = await MachineFixture.Locator(_machine.WithoutSystemPath).LocateAsync(default);

        Assert.StartsWith(installed, bundle.DcpPath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("13.4.9")]
    [InlineData("13.50.0")]
    [InlineData("9.5.0")]
    public async Task LocateAsync_installed_version_unfitting_uses_the_cache(string version)
    {
        _machine.Install("home/.aspire", version);
        var cached = _machine.LayOutBundle("cache/13.5.4-linux-test");

        var bundle = await MachineFixture.Locator(_machine.WithoutSystemPath).LocateAsync(default);

        Assert.StartsWith(cached, bundle.DcpPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_called_twice_searches_once()
    {
        var locator = MachineFixture.Locator(_machine.WithoutSystemPath);
        _machine.Install("home/.aspire", "13.5.4");

        Assert.Same(await locator.LocateAsync(default), await locator.LocateAsync(default));
    }
}
