using System.Globalization;

namespace Platform.Embedded.Postgres;

/// <summary>The server's settings, in a file of their own that <c>postgresql.conf</c> includes last.</summary>
internal static class PostgresSettings
{
    public const string FileName = "platform.conf";

    public static string Write(EmbeddedPostgresOptions options, PostgresBinaries binaries)
    {
        // Nothing of an ephemeral server outlives it, so nothing has to reach the disk.
        var durable = options.Ephemeral ? "off" : "on";
        var preload = binaries.HasLibrary("pg_stat_statements") ? "pg_stat_statements" : "";
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Written at every start. What is changed here is lost; see EmbeddedPostgresOptions.
            listen_addresses = '{string.Join(',', Loopback.Addresses)}'
            unix_socket_directories = ''
            max_connections = {options.MaxConnections}
            password_encryption = 'scram-sha-256'
            shared_buffers = '128MB'
            shared_preload_libraries = '{preload}'
            fsync = {durable}
            full_page_writes = {durable}
            synchronous_commit = {durable}
            wal_level = {(options.Ephemeral ? "minimal" : "replica")}
            max_wal_senders = {(options.Ephemeral ? 0 : 10)}
            min_wal_size = '80MB'
            max_wal_size = '1GB'
            timezone = 'UTC'
            log_timezone = 'UTC'
            log_destination = 'stderr'
            logging_collector = off
            # The server's version, address and checkpoints at every start would drown what matters.
            log_checkpoints = off
            log_line_prefix = '%m [%p] %u@%d '
            # Compiling costs more than it saves for queries of milliseconds.
            jit = off

            """);
    }
}
