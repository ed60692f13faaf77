using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;
using Platform.Worker.Backup;

namespace Platform.Worker.Tests.Backup;

[Trait("Req", "J3")]
public sealed class BackupTests : IAsyncLifetime, IDisposable
{
    private readonly BackupFolder _folder = new();
    private BackupDatabase _databases = null!;

    public async Task InitializeAsync() => _databases = await BackupDatabase.CreateAsync();

    public async Task DisposeAsync() => await _databases.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Req", "F9")]
    public async Task Backup_made_by_the_job_and_restored_has_the_same_rows_in_every_table()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await PlatformHost.StartAsync(
            database, builder => builder.AddBackup(),
            settings: [("Backup:Directory", _folder.Path), ("Backup:UsePgDump", "false"), ("ConnectionStrings:platform-backup", _databases.SourceAsBackup)]);

        var status = await database.WaitForAsync(PlatformTenant.Id, await host.EnqueueAsync(new BackUpDatabases()), JobStates.Succeeded);

        var backup = status.Result!.Value.GetProperty("backups")[0];
        var file = Assert.Single(_folder.Files);
        Assert.Equal(file, backup.GetProperty("file").GetString());
        Assert.Matches(@"^platform-\d{8}T\d{6}Z\.zip$", file);
        Assert.Equal(100, status.Progress.Percent);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder[file]));

        await using (var restore = Restore(_folder[file]))
            Assert.True(await restore.WaitForExitAsync(TimeSpan.FromSeconds(60)) == 0, string.Join('\n', restore.Output));

        var before = await BackupDatabase.FingerprintAsync(_databases.Source);
        Assert.Equal(before, await BackupDatabase.FingerprintAsync(_databases.Target));
        Assert.Equal(backup.GetProperty("rows").GetInt64(), before.Values.Sum(print => long.Parse(print.Split(' ')[0], null)));
        Assert.True(before.Values.Count(print => !print.StartsWith("0 ", StringComparison.Ordinal)) > 20);

        // The same rows make the same checksums again.
        var (first, second) = (await ExportAsync(_databases.Source), await ExportAsync(_databases.Target));
        Assert.Equal(first.Tables.Select(table => (table.Name, table.Rows, table.Sha256)), second.Tables.Select(table => (table.Name, table.Rows, table.Sha256)));

        // As safe as before, and ready to go on: policies forced, triggers at work, sequences where they were.
        Assert.Equal(0L, await ScalarAsync<long>("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'"));
        Assert.Equal(0L, await ScalarAsync<long>(
            "SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity AND relnamespace IN ('public'::regnamespace, 'jobs'::regnamespace)"));        await BackupDatabase.ExecuteAsync(_databases.Target, "INSERT INTO jobs.workers (name, queues, expires_at) VALUES ('next', '{}', now())");
        Assert.Equal(2L, await ScalarAsync<long>("SELECT count(DISTINCT id) FROM jobs.workers"));
    }

    [Fact]
    public async Task Backup_of_an_older_release_is_restored_and_migrated()
    {
        var older = await TestDatabase.CreateAsync();
        await using (older)
        {
            var had = new[] { PlatformMigrations.DataSource }.Concat(MigrateCommand.Sources)
                .SelectMany(source => source.Scripts, (source, script) => (source.Name, script.Version)).Where(key => key is not ("data", > 45)).ToHashSet();
            await (await PlatformMigrations.PrepareRestoreAsync(
                older.ConnectionString, BackupDatabase.Options, MigrateCommand.Sources, had, NullLogger.Instance)).DisposeAsync();
            await BackupDatabase.ExecuteAsync(older.ConnectionString, "INSERT INTO tenants (id, slug, name, plan) VALUES (gen_random_uuid(), 'old', 'Old', 'pro')");
            var file = _folder["old.zip"];
            await ExportAsync(older.ConnectionString, file);

            await using var restore = Restore(file);
            Assert.True(await restore.WaitForExitAsync(TimeSpan.FromSeconds(60)) == 0, string.Join('\n', restore.Output));
        }

        Assert.Equal("old", await ScalarAsync<string>("SELECT slug FROM tenants"));
        Assert.True(await ScalarAsync<int>("SELECT max(version) FROM schema_migrations WHERE source = 'data'") >= 57);
    }

    [Fact]
    public async Task Command_makes_a_backup_and_says_what_is_missing()
    {
        ChildProcess Run(string? directory) => ChildProcess.StartDotnet(
            WorkerProcess.AssemblyPath, ["backup"], AppContext.BaseDirectory, new Dictionary<string, string?>
            {
                ["ConnectionStrings__platform-backup"] = _databases.SourceAsBackup, ["Backup__Directory"] = directory,
            });

        await using (var run = Run(_folder.Path))
            Assert.True(await run.WaitForExitAsync(TimeSpan.FromSeconds(60)) == 0, string.Join('\n', run.Output));
        Assert.Single(_folder.Files);

        await using var missing = Run(null);
        Assert.Equal(1, await missing.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains(missing.Output, line => line.Contains("Backup:Directory is not set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restore_into_a_database_with_tables_changes_nothing()
    {
        var file = _folder["a.zip"];
        await ExportAsync(_databases.Source, file);
        await BackupDatabase.ExecuteAsync(_databases.Target, "CREATE TABLE mine (id integer)");

        await using var restore = Restore(file);

        Assert.Equal(1, await restore.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains(restore.Output, line => line.Contains("isn't empty: it has public.mine", StringComparison.Ordinal));
        Assert.Equal(1L, await ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task Damaged_archive_loads_no_row()
    {
        var file = _folder["a.zip"];
        await ExportAsync(_databases.Source, file);
        await SwapRowsAsync(file, "data/public.contacts.copy");

        await using (var stream = File.OpenRead(file))
        {
            var error = await Assert.ThrowsAsync<BackupException>(() => DatabaseRestore.RunAsync(
                stream, _databases.Target, BackupDatabase.Options, NullLogger.Instance, CancellationToken.None));
            Assert.Contains("contacts", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0L, await ScalarAsync<long>("SELECT count(*) FROM tenants"));
        await File.WriteAllBytesAsync(file, (await File.ReadAllBytesAsync(file))[..^100]);
        await using var cut = File.OpenRead(file);
        var whole = await Assert.ThrowsAsync<BackupException>(() => DatabaseRestore.RunAsync(
            cut, _databases.Target, BackupDatabase.Options, NullLogger.Instance, CancellationToken.None));
        Assert.Contains("not whole", whole.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Role_under_the_policies_makes_no_backup_with_fewer_rows()
    {
        using var host = Build(("ConnectionStrings:platform-backup", _databases.SourceAsApp));

        await Assert.ThrowsAsync<BackupException>(() => RunAsync(host));

        Assert.Empty(_folder.Files);
    }

    [Theory]
    [InlineData("DELETE FROM contacts")]
    [InlineData("UPDATE tenants SET name = 'x'")]
    [InlineData("TRUNCATE jobs.queues")]
    [InlineData("SET ROLE platform_owner")]
    [InlineData("CREATE TABLE mine (id integer)")]
    [InlineData("SELECT clean_up_refresh_tokens('0', 1)")]
    [InlineData("SELECT nextval('jobs.pending_seq')")]
    [Trait("Req", "B2")]
    public async Task Backup_role_changes_nothing(string sql)
    {
        var denied = await Assert.ThrowsAsync<PostgresException>(() => BackupDatabase.ExecuteAsync(_databases.SourceAsBackup, sql));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, denied.SqlState);
    }

    [Fact]
    public async Task Second_backup_at_the_same_time_is_refused()
    {
        await using var other = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_databases.SourceAsBackup) { Pooling = false }.ConnectionString);
        await other.OpenAsync();
        await using var take = new NpgsqlCommand("SELECT pg_advisory_lock(7815264480110)", other);
        await take.ExecuteNonQueryAsync();
        using var host = Build(("ConnectionStrings:platform-backup", _databases.SourceAsBackup));

        var error = await Assert.ThrowsAsync<BackupException>(() => RunAsync(host));

        Assert.Contains("running already", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Backup:Directory", "Backup:Directory is not set")]
    [InlineData("ConnectionStrings:platform-backup", "ConnectionStrings:platform-backup is not set")]
    public async Task Missing_setting_is_named(string setting, string expected)
    {
        using var host = Build(("ConnectionStrings:platform-backup", _databases.SourceAsBackup), (setting, ""));

        var error = await Assert.ThrowsAsync<BackupException>(() => RunAsync(host));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<BackupResult>> RunAsync(IHost host) =>
        host.Services.GetRequiredService<BackupService>().RunAsync((_, _) => ValueTask.CompletedTask, CancellationToken.None);

    private static async Task<BackupManifest> ExportAsync(string connectionString, string? file = null)
    {
        await using Stream target = file is null ? new MemoryStream() : File.Create(file);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return await DatabaseExport.WriteAsync(connection, target, (_, _) => ValueTask.CompletedTask, CancellationToken.None);
    }

    /// <summary>Changes one letter in an entry: still a good archive, with other rows.</summary>
    private static async Task SwapRowsAsync(string file, string name)
    {
        using var archive = System.IO.Compression.ZipFile.Open(file, System.IO.Compression.ZipArchiveMode.Update);
        var content = new MemoryStream();
        await using (var entry = await archive.GetEntry(name)!.OpenAsync())
            await entry.CopyToAsync(content);
        var bytes = content.ToArray();
        bytes[bytes.AsSpan().IndexOf("example"u8)] = (byte)'E';
        archive.GetEntry(name)!.Delete();
        await using var changed = await archive.CreateEntry(name).OpenAsync();
        await changed.WriteAsync(bytes);
    }

    private IHost Build(params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var values = new Dictionary<string, string?> { ["Backup:Directory"] = _folder.Path, ["Backup:UsePgDump"] = "false" };
        foreach (var (name, value) in settings)
            values[name] = value;
        builder.Configuration.AddInMemoryCollection(values);
        builder.AddBackupService();
        return builder.Build();
    }

    private ChildProcess Restore(string file) => ChildProcess.StartDotnet(
        WorkerProcess.AssemblyPath, ["restore", file], AppContext.BaseDirectory, new Dictionary<string, string?>
        {
            ["ConnectionStrings__platform-owner"] = _databases.Target,
            ["Database__AppPassword"] = WorkerDatabase.AppPassword,
            ["Database__QueuePassword"] = WorkerDatabase.QueuePassword,
        });

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_databases.Target);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
