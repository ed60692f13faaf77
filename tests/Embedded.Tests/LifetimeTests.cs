using System.Globalization;
using Platform.Testing;

namespace Platform.Embedded.Tests;

/// <summary>
/// Who ends when, whatever dies first. The run script does this; Windows has a job object in its place, which these don't cover.
/// </summary>
[Trait("Req", "A4")]
public sealed class LifetimeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("start-postgres")]
    [InlineData("start-garnet")]
    public async Task Kill_of_the_starter_ends_server_and_removes_its_folder(string command)
    {
        await using var host = EmbeddedHost.Start([command, "ephemeral"]);
        var (runner, folder, _) = await EmbeddedHost.ReadyAsync(host);
        var server = await ServerIdAsync(folder);
        Assert.True(ChildProcess.IsAlive(runner));
        Assert.True(ChildProcess.IsAlive(server));

        await host.KillAsync();

        await Eventually.TrueAsync(
            () => !ChildProcess.IsAlive(runner) && !ChildProcess.IsAlive(server), Soon, "The server outlived its starter.");
        await Eventually.TrueAsync(() => !Directory.Exists(folder), Soon, "The folder was left.");
    }

    [Fact]
    public async Task Kill_of_the_runner_then_start_ends_the_orphan_and_keeps_data()
    {
        using var folder = new TemporaryFolder();
        await using var host = EmbeddedHost.Start(["start-postgres", folder["postgres"]]);
        var (runner, data, connectionString) = await EmbeddedHost.ReadyAsync(host);
        var orphan = await ServerIdAsync(data);
        await Sql.RunAsync(connectionString, "CREATE TABLE kept AS SELECT 7 AS id");

        await KillAsync(runner);
        Assert.True(ChildProcess.IsAlive(orphan));
        await using var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder["postgres"] });

        Assert.False(ChildProcess.IsAlive(orphan));
        Assert.Equal(7, await Sql.RunAsync(server.ConnectionString, "SELECT id FROM kept"));
    }

    [Fact]
    public async Task Kill_of_the_server_then_start_recovers()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions { DataFolder = folder["postgres"] };
        await using (var server = await EmbeddedPostgres.StartAsync(options))
        {
            await Sql.RunAsync(server.ConnectionString, "CREATE TABLE kept AS SELECT 7 AS id");
            var runner = server.ProcessId;
            await KillAsync(await ServerIdAsync(server.DataFolder));
            await Eventually.TrueAsync(() => !ChildProcess.IsAlive(runner), Soon, "The run script outlived the server.");
        }

        await using var again = await EmbeddedPostgres.StartAsync(options);
        Assert.Equal(7, await Sql.RunAsync(again.ConnectionString, "SELECT id FROM kept"));
    }

    [Fact]
    public async Task Second_start_on_the_same_data_names_the_running_server()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions { DataFolder = folder["postgres"] };
        await using var server = await EmbeddedPostgres.StartAsync(options);

        var second = await Assert.ThrowsAsync<EmbeddedServerException>(() => EmbeddedPostgres.StartAsync(options));
        var fresh = await Assert.ThrowsAsync<EmbeddedServerException>(() => EmbeddedPostgres.StartAsync(options with { Fresh = true }));

        var running = await ServerIdAsync(server.DataFolder);
        Assert.Contains($"already runs as process {running}", second.Message, StringComparison.Ordinal);
        Assert.Contains($"process {running}", fresh.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Sql.RunAsync(server.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Terminate_of_the_prepared_command_ends_it_at_once_with_clients_connected()
    {
        using var folder = new TemporaryFolder();
        var prepared = await EmbeddedPostgres.PrepareAsync(new EmbeddedPostgresOptions { DataFolder = folder["postgres"] });
        var port = PortFinder.FreePort();
        await using var process = ChildProcess.Start(
            prepared.Command, prepared.ArgumentsFor(port.ToString(CultureInfo.InvariantCulture)), prepared.WorkingDirectory,
            prepared.Environment.ToDictionary(pair => pair.Key, pair => (string?)pair.Value));
        await process.WaitForOutputAsync("ready to accept connections", Soon);
        await using var source = Npgsql.NpgsqlDataSource.Create(RunningPostgres.Connection(prepared, port, "postgres"));
        await using var client = await source.OpenConnectionAsync();

        await process.TerminateAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(0, process.ExitCode);
        Assert.DoesNotContain(process.Output, line => line.Contains("crash", StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<int> ServerIdAsync(string folder)
        => int.Parse((await File.ReadAllTextAsync(Path.Combine(folder, "pids"))).Split(' ')[1], CultureInfo.InvariantCulture);

    private static async Task KillAsync(int processId)
    {
        using var process = System.Diagnostics.Process.GetProcessById(processId);
        process.Kill();
        await Eventually.TrueAsync(() => !ChildProcess.IsAlive(processId), Soon, $"Process {processId} survived kill -9.");
    }
}
