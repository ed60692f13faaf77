using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Platform.Testing;

namespace Platform.Embedded.Tests;

[Trait("Req", "A4")]
public sealed class EmbeddedPostgresTests
{
    private static readonly EmbeddedPostgresOptions Ephemeral = new() { Ephemeral = true };

    [Fact]
    public async Task StartAsync_ephemeral_is_tuned_for_tests_and_leaves_nothing()
    {
        string folder;
        await using (var server = await EmbeddedPostgres.StartAsync(Ephemeral))
        {
            folder = server.DataFolder;
            Assert.True(Directory.Exists(folder));
            Assert.Equal("off", await Sql.RunAsync(server.ConnectionString, "SHOW fsync"));
            Assert.Equal("200", await Sql.RunAsync(server.ConnectionString, "SHOW max_connections"));
        }
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task StartAsync_from_package_is_version_18_in_utf8_with_statistics()
    {
        var server = await PostgresServer.GetAsync();

        Assert.StartsWith("18.", (string?)await Sql.RunAsync(server.ConnectionString, "SHOW server_version"), StringComparison.Ordinal);
        Assert.Equal("UTF8", await Sql.RunAsync(server.ConnectionString, "SHOW server_encoding"));
        Assert.Equal("UTC", await Sql.RunAsync(server.ConnectionString, "SHOW timezone"));
        Assert.Equal("öäÿσж", await Sql.RunAsync(server.ConnectionString, "SELECT lower('ÖÄŸΣЖ')"));
        await using var database = await TestDatabase.CreateAsync();
        await Sql.RunAsync(database.ConnectionString, "CREATE EXTENSION pg_stat_statements");
        Assert.True((long?)await Sql.RunAsync(database.ConnectionString, "SELECT count(*) FROM pg_stat_statements") > 0);
    }

    [Fact]
    public async Task StartAsync_again_keeps_data_and_password_and_fresh_discards_both()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions { DataFolder = folder["postgres"] };
        string password;
        await using (var first = await EmbeddedPostgres.StartAsync(options))
        {
            password = first.Password;
            await Sql.RunAsync(first.ConnectionString, "CREATE TABLE kept(id int); INSERT INTO kept VALUES (7)");
            Assert.Equal("on", await Sql.RunAsync(first.ConnectionString, "SHOW fsync"));
        }
        await using (var second = await EmbeddedPostgres.StartAsync(options))
        {
            Assert.Equal(password, second.Password);
            Assert.Equal(7, await Sql.RunAsync(second.ConnectionString, "SELECT id FROM kept"));
        }
        await using (var fresh = await EmbeddedPostgres.StartAsync(options with { Fresh = true }))
        {
            Assert.NotEqual(password, fresh.Password);
            Assert.Equal(DBNull.Value, await Sql.RunAsync(fresh.ConnectionString, "SELECT to_regclass('kept')::text"));
        }
    }

    [Fact]
    public async Task CrashAsync_loses_nothing_committed_and_frees_the_port()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions { DataFolder = folder["postgres"] };
        var first = await EmbeddedPostgres.StartAsync(options);
        await Sql.RunAsync(first.ConnectionString, "CREATE TABLE kept(id int); INSERT INTO kept VALUES (7)");

        await first.CrashAsync();

        await using var second = await EmbeddedPostgres.StartAsync(options with { Port = first.Port });
        Assert.Equal(7, await Sql.RunAsync(second.ConnectionString, "SELECT id FROM kept"));
        Assert.Contains(second.Log, line => line.Contains("was not properly shut down", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartAsync_with_another_password_sets_it()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions { DataFolder = folder["postgres"], Password = "first", UserName = "chief" };
        await using (await EmbeddedPostgres.StartAsync(options)) { }

        await using var server = await EmbeddedPostgres.StartAsync(options with { Password = "it's \"second\"; --" });

        Assert.Equal("chief", await Sql.RunAsync(server.ConnectionString, "SELECT current_user::text"));
    }

    [Fact]
    public async Task Password_is_required_kept_from_others_and_off_the_command_line()
    {
        using var folder = new TemporaryFolder();
        await using var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder["postgres"] });

        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong" }.ConnectionString;
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => Sql.RunAsync(wrong, "SELECT 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
        Assert.Equal(server.Password, await File.ReadAllTextAsync(folder["postgres.password"]));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["postgres.password"]));
        if (!OperatingSystem.IsLinux()) return;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            var commandLine = Path.Combine(process, "cmdline");
            if (File.Exists(commandLine)) Assert.DoesNotContain(server.Password, await ReadAsync(commandLine), StringComparison.Ordinal);
        }

        static async Task<string> ReadAsync(string path)
        {
            try
            {
                return await File.ReadAllTextAsync(path);
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    [Fact]
    public async Task StartAsync_port_taken_says_so()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var error = await Assert.ThrowsAsync<EmbeddedServerException>(() => EmbeddedPostgres.StartAsync(Ephemeral with { Port = port }));

        Assert.Contains($"Port {port} is taken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_data_of_another_version_names_fresh()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions { DataFolder = folder["postgres"] };
        await EmbeddedPostgres.PrepareAsync(options);
        await File.WriteAllTextAsync(folder["postgres/data/PG_VERSION"], "14\n");

        var error = await Assert.ThrowsAsync<EmbeddedServerException>(() => EmbeddedPostgres.StartAsync(options));

        Assert.Contains("written by Postgres 14", error.Message, StringComparison.Ordinal);
        Assert.Contains("--fresh", error.Message, StringComparison.Ordinal);
        await using var server = await EmbeddedPostgres.StartAsync(options with { Fresh = true });
        Assert.Equal(1, await Sql.RunAsync(server.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task StartAsync_lock_of_a_dead_server_taken_over_by_another_process_is_removed()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions { DataFolder = folder["postgres"] };
        await EmbeddedPostgres.PrepareAsync(options);
        var other = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(folder["postgres/data/postmaster.pid"], other + "\n");

        await using var server = await EmbeddedPostgres.StartAsync(options);

        Assert.Equal(1, await Sql.RunAsync(server.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task StartAsync_broken_data_shows_the_servers_log()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions { DataFolder = folder["postgres"] };
        await EmbeddedPostgres.PrepareAsync(options);
        File.Delete(folder["postgres/data/global/pg_control"]);

        var error = await Assert.ThrowsAsync<EmbeddedServerException>(() => EmbeddedPostgres.StartAsync(options));

        Assert.Contains("ended at start", error.Message, StringComparison.Ordinal);
        Assert.Contains("pg_control", error.Message, StringComparison.Ordinal);
    }
}
