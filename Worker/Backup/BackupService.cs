using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Data;
using Platform.Data.Placement;

namespace Platform.Worker.Backup;

/// <summary>
/// Backs up every database of the deployment, as role <c>platform_backup</c>: by pg_dump where there is one that fits the server, else
/// by an export of its own. One that fails leaves nothing behind but the earlier ones.
/// </summary>
internal sealed partial class BackupService(
    IConfiguration configuration, IOptions<BackupOptions> options, IOptions<ShardOptions> shards, TimeProvider time, ILogger<BackupService> logger)
{
    // Whoever backs up a database holds it there. The key differs from the migrations' locks.
    private const string LockSql = "SELECT pg_try_advisory_lock(7815264480110)";

    /// <summary>Whether this process can make backups.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(options.Value.Directory);

    /// <param name="report">Is told of tables done, and how many there are, of one database after the other.</param>
    /// <exception cref="BackupException">Settings are missing, a backup is running already, or a database can't be read; the message says which.</exception>
    public async Task<IReadOnlyList<BackupResult>> RunAsync(Func<long, long, ValueTask> report, CancellationToken cancellationToken)
    {
        var directory = IsConfigured ? options.Value.Directory! : throw new BackupException("Backup:Directory is not set: there is nowhere to write backups to.");
        var results = new List<BackupResult>();
        string[] names = [PlatformDataExtensions.ConnectionName, .. shards.Value.Tenants.Values];
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (configuration.GetConnectionString($"{name}-backup") is not { Length: > 0 } connectionString)
                throw new BackupException($"ConnectionStrings:{name}-backup is not set: the connection string of role platform_backup is needed.");
            results.Add(await RunAsync(directory, name, connectionString, report, cancellationToken));
        }
        return results;
    }

    private async Task<BackupResult> RunAsync(
        string directory, string name, string connectionString, Func<long, long, ValueTask> report, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(options.Value.Timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var target = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, ApplicationName = "platform backup", CommandTimeout = 0 };
            await using var connection = new NpgsqlConnection(target.ConnectionString);
            await connection.OpenAsync(stop.Token);
            await using var take = new NpgsqlCommand(LockSql, connection);
            if (await take.ExecuteScalarAsync(stop.Token) is not true)
                throw new BackupException($"A backup of {name} is running already.");

            var dump = await FindPgDumpAsync(connection.PostgreSqlVersion.Major, stop.Token);
            var extension = dump is null ? BackupFiles.ArchiveExtension : BackupFiles.DumpExtension;
            var (partial, final) = BackupFiles.Create(directory, name, extension, time.GetUtcNow());
            long? rows = null;
            try
            {
                if (dump is null)
                    rows = await ExportAsync(connection, partial, report, stop.Token);
                else
                    await DumpAsync(dump, target, partial, stop.Token);
                BackupFiles.Complete(partial, final);
            }
            catch
            {
                File.Delete(partial);
                throw;
            }
            var pruned = BackupFiles.Prune(directory, name, options.Value.Keep, options.Value.KeepFor, time.GetUtcNow());
            var result = new BackupResult(Path.GetFileName(final), new FileInfo(final).Length, rows, pruned);
            LogDone(result.File, result.Bytes, time.GetElapsedTime(started).TotalSeconds, pruned.Count);
            return result;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BackupException($"The backup of {name} took longer than {options.Value.Timeout}.");
        }
        catch (TimeoutException exception)
        {
            throw new BackupException($"The backup of {name} failed: {exception.Message}", exception);
        }
        catch (PostgresException exception)
        {
            throw new BackupException($"The backup of {name} failed: {exception.MessageText} ({exception.SqlState}).", exception);
        }
    }

    private async Task<string?> FindPgDumpAsync(int server, CancellationToken cancellationToken)
    {
        if (!options.Value.UsePgDump || PgTool.Find("pg_dump", options.Value.ToolsDirectory) is not { } tool)
            return null;
        // An older one refuses a newer server.
        var major = await PgTool.ReadMajorAsync(tool, cancellationToken);
        if (major >= server)
            return tool;
        LogUnfit(major ?? 0, server);
        return null;
    }

    private static async Task<long> ExportAsync(
        NpgsqlConnection connection, string path, Func<long, long, ValueTask> report, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        var manifest = await DatabaseExport.WriteAsync(connection, file, report, cancellationToken);
        return manifest.Tables.Sum(table => table.Rows);
    }

    private async Task DumpAsync(string tool, NpgsqlConnectionStringBuilder target, string path, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await PgTool.RunAsync(
            tool, ["--format=custom", "--no-password", "--lock-wait-timeout=30s", $"--file={path}"], target, options.Value.Timeout, cancellationToken);
        if (exitCode != 0 || new FileInfo(path).Length == 0)
            throw new BackupException($"pg_dump ended with {exitCode}: {output}");
    }

    [LoggerMessage(3101, LogLevel.Information, "Wrote backup {File}: {Bytes} bytes in {Seconds:0.0} s; {Deleted} older ones deleted")]
    private partial void LogDone(string file, long bytes, double seconds, int deleted);

    [LoggerMessage(3102, LogLevel.Information, "pg_dump {Major} doesn't fit a server of version {Server}: the platform's own export is made")]
    private partial void LogUnfit(int major, int server);
}
