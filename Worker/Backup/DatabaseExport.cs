using System.Data;
using System.IO.Compression;
using System.Text.Json;
using Npgsql;

namespace Platform.Worker.Backup;

/// <summary>
/// Writes every table of a database, as of one moment, into one archive. Reads as the connection's role, which must be exempt from the
/// policies: one that isn't gets an error, never fewer rows.
/// </summary>
internal static class DatabaseExport
{
    private const int BufferSize = 256 * 1024;

    /// <param name="report">Is told of tables done, and how many there are.</param>
    public static async Task<BackupManifest> WriteAsync(
        NpgsqlConnection connection, Stream target, Func<long, long, ValueTask> report, CancellationToken cancellationToken)
    {
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await ExecuteAsync(connection, "SET TRANSACTION READ ONLY; SET LOCAL row_security = off; SET LOCAL lock_timeout = '30s'", cancellationToken);
        await ExecuteAsync(connection, "SET LOCAL statement_timeout = 0; SET LOCAL synchronize_seqscans = off", cancellationToken);
        var tables = await ReadTablesAsync(connection, cancellationToken);
        if (tables.Count == 0)
            throw new InvalidOperationException($"Database {connection.Database} has no tables.");
        // No migration may change a table that hasn't been read yet.
        await ExecuteAsync(
            connection, $"LOCK TABLE {string.Join(", ", tables.Select(table => NameOf(table.Schema, table.Name)))} IN ACCESS SHARE MODE", cancellationToken);

        await using var archive = await ZipArchive.CreateAsync(target, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        for (var i = 0; i < tables.Count; i++)
        {
            tables[i] = await WriteAsync(connection, archive, tables[i], cancellationToken);
            await report(i + 1, tables.Count);
        }
        var manifest = new BackupManifest(
            BackupManifest.CurrentFormat, await ReadTimeAsync(connection, cancellationToken), connection.Database,
            connection.PostgreSqlVersion.ToString(), await ReadMigrationsAsync(connection, cancellationToken), tables,
            await ReadSequencesAsync(connection, cancellationToken));
        await using var entry = await archive.CreateEntry(BackupManifest.EntryName).OpenAsync(cancellationToken);
        await JsonSerializer.SerializeAsync(entry, manifest, JsonSerializerOptions.Web, cancellationToken);
        return manifest;
    }

    public static string NameOf(string schema, string name) => $"{Quote(schema)}.{Quote(name)}";

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task<BackupTable> WriteAsync(
        NpgsqlConnection connection, ZipArchive archive, BackupTable table, CancellationToken cancellationToken)
    {
        using var meter = new CopyMeter();
        await using var entry = await archive.CreateEntry(table.Entry, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await using var rows = await connection.BeginRawBinaryCopyAsync(
            $"COPY (SELECT {string.Join(", ", table.Columns.Select(Quote))} FROM {NameOf(table.Schema, table.Name)}) TO STDOUT (FORMAT binary)",
            cancellationToken);
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await rows.ReadAsync(buffer, cancellationToken)) > 0)
        {
            meter.Add(buffer.AsSpan(0, read));
            await entry.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        return meter.IsComplete
            ? table with { Rows = meter.Rows, Bytes = meter.Bytes, Sha256 = meter.Sha256 }
            : throw new InvalidOperationException($"The rows of {table.Schema}.{table.Name} ended too early.");
    }

    /// <summary>Every table that is somebody's own; of partitioned ones the whole. Which migrations there are goes into the manifest.</summary>
    private static async Task<List<BackupTable>> ReadTablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
              AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
              AND (n.nspname, c.relname) <> ('public', 'schema_migrations')
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            GROUP BY 1, 2
            ORDER BY 1, 2
            """,
            connection);
        var tables = new List<BackupTable>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (schema, name) = (reader.GetString(0), reader.GetString(1));
            tables.Add(new BackupTable(schema, name, $"data/{schema}.{name}.copy", reader.GetFieldValue<string[]>(2), 0, 0, ""));
        }
        return tables;
    }

    private static async Task<IReadOnlyList<BackupMigration>> ReadMigrationsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT source, version, checksum FROM public.schema_migrations ORDER BY source, version", connection);
        var migrations = new List<BackupMigration>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            migrations.Add(new BackupMigration(reader.GetString(0), reader.GetInt32(1), reader.GetString(2)));
        return migrations;
    }

    // Read last: sequences don't keep to the snapshot, and a value too high does no harm.
    private static async Task<IReadOnlyList<BackupSequence>> ReadSequencesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT schemaname, sequencename, last_value, has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'SELECT')
            FROM pg_sequences ORDER BY 1, 2
            """,
            connection);
        var sequences = new List<BackupSequence>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.GetBoolean(3))
                throw new InvalidOperationException($"Sequence {reader.GetString(0)}.{reader.GetString(1)} can't be read by this role.");
            sequences.Add(new BackupSequence(reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetInt64(2)));
        }
        return sequences;
    }

    private static async Task<DateTimeOffset> ReadTimeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT now()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
