using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;

namespace Platform.Worker.Backup;

/// <summary>
/// Loads an archive into an empty database: first the migrations its source had, then all rows in one transaction, as the tables' owner
/// with policies and triggers out of force until it commits. Every table is compared with the manifest.
/// </summary>
internal static partial class DatabaseRestore
{
    private const int BufferSize = 256 * 1024;

    /// <exception cref="BackupException">The archive isn't whole, or is of a later release.</exception>
    /// <exception cref="MigrationException">The database isn't empty.</exception>
    public static async Task<BackupManifest> RunAsync(
        Stream file, string adminConnectionString, MigrationOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        ZipArchive archive;
        try
        {
            archive = await ZipArchive.CreateAsync(file, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new BackupException("The file is no backup, or not whole.", exception);
        }
        await using (archive)
        {
            var manifest = await ReadManifestAsync(archive, cancellationToken);
            await using var connection = await PlatformMigrations.PrepareRestoreAsync(
                adminConnectionString, options, MigrateCommand.Sources,
                manifest.Migrations.Select(migration => (migration.Source, migration.Version)).ToHashSet(), logger, cancellationToken);
            await LoadAsync(connection, archive, manifest, cancellationToken);
            await ExecuteAsync(connection, "ANALYZE", cancellationToken);
            LogRestored(logger, manifest.Tables.Count, manifest.Tables.Sum(table => table.Rows), manifest.CreatedAt);
            return manifest;
        }
    }

    private static async Task<BackupManifest> ReadManifestAsync(ZipArchive archive, CancellationToken cancellationToken)
    {
        var entry = archive.GetEntry(BackupManifest.EntryName) ?? throw new BackupException("The archive has no manifest: it was never finished.");
        await using var stream = await entry.OpenAsync(cancellationToken);
        var manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(stream, JsonSerializerOptions.Web, cancellationToken);
        if (manifest is not { Format: BackupManifest.CurrentFormat })
            throw new BackupException($"The archive's format is {manifest?.Format}; this release reads {BackupManifest.CurrentFormat}.");
        var known = new[] { PlatformMigrations.DataSource }.Concat(MigrateCommand.Sources)
            .SelectMany(source => source.Scripts, (source, script) => (Key: (source.Name, script.Version), script.Checksum))
            .ToDictionary(migration => migration.Key, migration => migration.Checksum);
        var unknown = manifest.Migrations.FirstOrDefault(
            migration => known.GetValueOrDefault((migration.Source, migration.Version)) != migration.Checksum);
        return unknown is null
            ? manifest
            : throw new BackupException($"The backup is of a release with migration {unknown.Source}/{unknown.Version:D4} as this one doesn't know it: restore it with that release.");
    }

    private static async Task LoadAsync(NpgsqlConnection connection, ZipArchive archive, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, "SET LOCAL statement_timeout = 0", cancellationToken);
        var names = manifest.Tables.ToDictionary(table => DatabaseExport.NameOf(table.Schema, table.Name));
        var forced = await ReadNamesAsync(
            connection, "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relforcerowsecurity", cancellationToken);
        foreach (var name in names.Keys)
            await ExecuteAsync(connection, $"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER", cancellationToken);
        // What migrations put there comes with the backup.
        await ExecuteAsync(connection, $"TRUNCATE {string.Join(", ", names.Keys)}", cancellationToken);

        foreach (var table in await SortAsync(connection, manifest.Tables, cancellationToken))
            await LoadAsync(connection, archive, table, cancellationToken);
        foreach (var sequence in manifest.Sequences)
        {
            if (sequence.LastValue is { } value)
                await ExecuteAsync(connection, $"SELECT setval('{DatabaseExport.NameOf(sequence.Schema, sequence.Name).Replace("'", "''", StringComparison.Ordinal)}', {value})", cancellationToken);
        }

        // Deferred checks first: a table with any outstanding can't be altered.
        await ExecuteAsync(connection, "SET CONSTRAINTS ALL IMMEDIATE", cancellationToken);
        foreach (var name in names.Keys)
            await ExecuteAsync(connection, $"ALTER TABLE {name} ENABLE TRIGGER USER", cancellationToken);
        foreach (var name in forced)
            await ExecuteAsync(connection, $"ALTER TABLE {name} FORCE ROW LEVEL SECURITY", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task LoadAsync(NpgsqlConnection connection, ZipArchive archive, BackupTable table, CancellationToken cancellationToken)
    {
        var name = DatabaseExport.NameOf(table.Schema, table.Name);
        var entry = archive.GetEntry(table.Entry) ?? throw new BackupException($"The archive has no rows of {name}.");
        using var meter = new CopyMeter();
        await using (var stream = await entry.OpenAsync(cancellationToken))
        await using (var rows = await connection.BeginRawBinaryCopyAsync(
            $"COPY {name} ({string.Join(", ", table.Columns.Select(DatabaseExport.Quote))}) FROM STDIN (FORMAT binary)", cancellationToken))
        {
            try
            {
                var buffer = new byte[BufferSize];
                int read;
                while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    meter.Add(buffer.AsSpan(0, read));
                    await rows.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }
                if ((meter.Rows, meter.Bytes, meter.Sha256) != (table.Rows, table.Bytes, table.Sha256))
                    throw new BackupException($"The archive's rows of {name} aren't those that were written: its checksum doesn't fit.");
            }
            catch
            {
                await rows.CancelAsync();
                throw;
            }
        }
        await using var count = new NpgsqlCommand($"SELECT count(*) FROM {name}", connection) { CommandTimeout = 0 };
        var loaded = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        if (loaded != table.Rows)
            throw new BackupException($"Of {table.Rows} rows of {name}, {loaded} were loaded.");
    }

    /// <summary>What others refer to comes first.</summary>
    private static async Task<IReadOnlyList<BackupTable>> SortAsync(
        NpgsqlConnection connection, IReadOnlyList<BackupTable> tables, CancellationToken cancellationToken)
    {
        var references = new List<(string From, string To)>();
        await using (var command = new NpgsqlCommand(
            """
            SELECT n.nspname || '.' || c.relname, m.nspname || '.' || d.relname
            FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_class d ON d.oid = k.confrelid JOIN pg_namespace m ON m.oid = d.relnamespace
            WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND NOT k.condeferred
            """,
            connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                references.Add((reader.GetString(0), reader.GetString(1)));
        }
        var targets = references.ToLookup(reference => reference.From, reference => reference.To);
        var (left, sorted, done) = (tables.ToList(), new List<BackupTable>(), new HashSet<string>());
        while (left.Count > 0)
        {
            var next = left.FindAll(table => targets[NameIn(table)].All(done.Contains));
            if (next.Count == 0)
                throw new BackupException($"Tables refer to each other in a circle: {string.Join(", ", left.Select(NameIn))}.");
            sorted.AddRange(next);
            done.UnionWith(next.Select(NameIn));
            left.RemoveAll(next.Contains);
        }
        return sorted;

        static string NameIn(BackupTable table) => $"{table.Schema}.{table.Name}";
    }

    private static async Task<IReadOnlyList<string>> ReadNamesAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        var names = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            names.Add(reader.GetString(0));
        return names;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(3111, LogLevel.Information, "Restored {Tables} tables with {Rows} rows, as of {CreatedAt:O}")]
    private static partial void LogRestored(ILogger logger, int tables, long rows, DateTimeOffset createdAt);
}
