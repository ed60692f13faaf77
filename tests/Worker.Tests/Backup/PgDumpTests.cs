using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Embedded;
using Platform.Embedded.Postgres;
using Platform.Testing;
using Platform.Worker.Backup;

namespace Platform.Worker.Tests.Backup;

[Trait("Req", "J3")]
public sealed class PgDumpTests : IDisposable
{
    private readonly BackupFolder _folder = new(), _tools = new();

    public void Dispose()
    {
        _folder.Dispose();
        _tools.Dispose();
    }

    [PgDumpFact]
    public async Task Dump_by_the_servers_own_pg_dump_is_restored_by_pg_restore()
    {
        await using var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Ephemeral = true, Sources = [PostgresSource.Installed] });
        var (source, target) = (server.ConnectionStringFor("source"), server.ConnectionStringFor("target"));
        var options = BackupDatabase.Options;
        await PlatformMigrations.RunAsync(source, options, MigrateCommand.Sources, NullLogger.Instance);
        await AssertIdsAsync(source);
        // The demo data takes ids from a function that servers before 18 don't have.
        await BackupDatabase.ExecuteAsync(
            source, "CREATE OR REPLACE FUNCTION public.uuidv7(shift interval) RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'; " +
            $"ALTER FUNCTION public.uuidv7(interval) OWNER TO {PlatformRoles.Owner}");
        options.SeedDemo = true;
        await PlatformMigrations.RunAsync(source, options, MigrateCommand.Sources, NullLogger.Instance);
        var backup = new NpgsqlConnectionStringBuilder(source) { Username = PlatformRoles.Backup, Password = BackupDatabase.BackupPassword };
        // There it is, and the administrator below may neither create nor describe it.
        await BackupDatabase.ExecuteAsync(source, "COMMENT ON EXTENSION pg_stat_statements IS 'what statements cost'");

        var result = Assert.Single(await RunAsync(backup.ConnectionString, ("Backup:ToolsDirectory", PgDumpFactAttribute.ToolsDirectory)));

        Assert.EndsWith(".dump", Assert.Single(_folder.Files), StringComparison.Ordinal);
        Assert.Null(result.Rows);
        // Where Postgres is rented, its administrator isn't a superuser.
        await BackupDatabase.ExecuteAsync(
            source, $"CREATE ROLE renter LOGIN CREATEDB CREATEROLE PASSWORD '{BackupDatabase.BackupPassword}'");
        await using var restore = ChildProcess.StartDotnet(
            WorkerProcess.AssemblyPath, ["restore", _folder[result.File]], AppContext.BaseDirectory, new Dictionary<string, string?>
            {
                ["ConnectionStrings__platform-owner"] = new NpgsqlConnectionStringBuilder(target)
                {
                    Username = "renter", Password = BackupDatabase.BackupPassword,
                }.ConnectionString,
                ["Database__AppPassword"] = WorkerDatabase.AppPassword,
                ["Database__QueuePassword"] = WorkerDatabase.QueuePassword,
                ["Backup__ToolsDirectory"] = PgDumpFactAttribute.ToolsDirectory,
            });
        Assert.True(await restore.WaitForExitAsync(TimeSpan.FromSeconds(60)) == 0, string.Join('\n', restore.Output));
        Assert.Equal(await BackupDatabase.FingerprintAsync(source), await BackupDatabase.FingerprintAsync(target));
    }

    /// <summary>UUIDv7 of now, which servers before 18 have no function of their own for.</summary>
    private static async Task AssertIdsAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("SELECT uuidv7()");
        var id = (Guid)(await command.ExecuteScalarAsync())!;
        Assert.Equal((7, true), (id.Version, id.Variant is >= 8 and <= 11));
        var time = DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(id.ToString("N")[..12], 16));
        Assert.InRange(time, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task Tool_that_is_older_than_the_server_is_not_used()
    {
        await using var databases = await BackupDatabase.CreateAsync();
        AddTool("echo 'pg_dump (PostgreSQL) 12.3 (Somebody)'");

        var result = Assert.Single(await RunAsync(databases.SourceAsBackup, ("Backup:ToolsDirectory", _tools.Path)));

        Assert.EndsWith(".zip", result.File, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_gets_the_password_by_its_environment_and_what_it_leaves_unfinished_is_removed()
    {
        await using var databases = await BackupDatabase.CreateAsync();
        AddTool($"""
            if [ "$1" = --version ]; then echo 'pg_dump (PostgreSQL) 99.1'; exit; fi
            echo "$@" >{_tools["arguments"]}
            echo "$PGUSER $PGPASSWORD" >{_tools["environment"]}
            echo 'pg_dump: error: no such thing' >&2
            exit 3
            """);

        var error = await Assert.ThrowsAsync<BackupException>(() => RunAsync(databases.SourceAsBackup, ("Backup:ToolsDirectory", _tools.Path)));

        Assert.Contains("ended with 3: pg_dump: error: no such thing", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(BackupDatabase.BackupPassword, await File.ReadAllTextAsync(_tools["arguments"]), StringComparison.Ordinal);
        Assert.Equal($"{PlatformRoles.Backup} {BackupDatabase.BackupPassword}", (await File.ReadAllTextAsync(_tools["environment"])).Trim());
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task Tool_that_takes_too_long_is_ended()
    {
        await using var databases = await BackupDatabase.CreateAsync();
        AddTool($"""
            if [ "$1" = --version ]; then echo 'pg_dump (PostgreSQL) 99.1'; exit; fi
            echo $$ >{_tools["id"]}
            exec sleep 600
            """);

        var error = await Assert.ThrowsAsync<BackupException>(
            () => RunAsync(databases.SourceAsBackup, ("Backup:ToolsDirectory", _tools.Path), ("Backup:Timeout", "00:00:02")));

        Assert.Contains("longer than", error.Message, StringComparison.Ordinal);
        Assert.False(ChildProcess.IsAlive(int.Parse(await File.ReadAllTextAsync(_tools["id"]), null)));
        Assert.Empty(_folder.Files);
    }

    private void AddTool(string script)
    {
        File.WriteAllText(_tools["pg_dump"], "#!/bin/sh\n" + script);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_tools["pg_dump"], (UnixFileMode)0b111_101_101);
    }

    private async Task<IReadOnlyList<BackupResult>> RunAsync(string connectionString, params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("Backup:Directory", _folder.Path), new("ConnectionStrings:platform-backup", connectionString),
            .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)),
        ]);
        builder.AddBackupService();
        using var host = builder.Build();
        return await host.Services.GetRequiredService<BackupService>().RunAsync((_, _) => ValueTask.CompletedTask, CancellationToken.None);
    }
}
