using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Data;

namespace Platform.Worker.Backup;

/// <summary><c>Worker restore FILE</c>: brings a backup into an empty database, which is then of this release.</summary>
internal static class RestoreCommand
{
    public static Task<int> RunAsync(string[] args) => PlatformCommand.RunAsync(
        "Restore", "The backup could not be restored", [.. args.Skip(1)],
        async (services, configuration, logger, stopping) =>
        {
            var file = new FileInfo(args is [var path, ..] ? path : throw new BackupException("Which file? Worker restore FILE."));
            if (!file.Exists)
                throw new BackupException($"There is no file {file.FullName}.");
            var target = configuration.RequireConnectionString(MigrateCommand.ConnectionName, "an administrator's connection string");
            var options = MigrateCommand.ReadOptions(configuration);
            if (file.Extension.Equals(BackupFiles.DumpExtension, StringComparison.OrdinalIgnoreCase))
            {
                await using (await PlatformMigrations.OpenEmptyAsync(target, options, stopping))
                {
                }
                await LoadDumpAsync(file, target, services.GetRequiredService<IOptions<BackupOptions>>().Value, stopping);
            }
            else
            {
                await using var stream = file.OpenRead();
                await DatabaseRestore.RunAsync(stream, target, options, logger, stopping);
            }
            // What has come since the backup was made.
            await PlatformMigrations.RunAsync(target, options, MigrateCommand.Sources, logger, stopping);
        },
        builder => builder.AddBackupService());

    private static async Task LoadDumpAsync(FileInfo file, string target, BackupOptions options, CancellationToken cancellationToken)
    {
        var tool = PgTool.Find("pg_restore", options.ToolsDirectory)
            ?? throw new BackupException("pg_restore is needed for this file, and isn't in Backup:ToolsDirectory or on the PATH.");
        var connection = new NpgsqlConnectionStringBuilder(target);
        var contents = Path.GetTempFileName();
        try
        {
            await RunAsync(["--list", $"--file={contents}", file.FullName]);
            // An administrator who isn't superuser may not create it, and it has no data; the migrations afterwards do it where they can.
            var wanted = (await File.ReadAllLinesAsync(contents, cancellationToken))
                .Where(line => !line.TrimEnd().EndsWith(" pg_stat_statements", StringComparison.Ordinal));
            await File.WriteAllLinesAsync(contents, wanted, cancellationToken);
            await RunAsync(
            [
                "--exit-on-error", "--single-transaction", "--no-password", $"--use-list={contents}", $"--dbname={connection.Database}",
                file.FullName,
            ]);
        }
        finally
        {
            File.Delete(contents);
        }

        async Task RunAsync(IEnumerable<string> arguments)
        {
            var (exitCode, output) = await PgTool.RunAsync(tool, arguments, connection, options.Timeout, cancellationToken);
            if (exitCode != 0)
                throw new BackupException($"pg_restore ended with {exitCode}: {output}");
        }
    }
}
