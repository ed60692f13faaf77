using Npgsql;
using Platform.Embedded;

namespace Platform.Testing;

/// <summary>A primary and a streaming replica of it: the primary's files copied while it runs, then followed over the network.</summary>
public sealed class ReplicatedPostgres : IAsyncDisposable
{
    private const string Slot = "replica", DatabaseName = "platform";

    private readonly string _folder;
    private EmbeddedPostgresOptions _replicaOptions = new();

    private ReplicatedPostgres(string folder, RunningPostgres primary) => (_folder, Primary) = (folder, primary);

    public RunningPostgres Primary { get; }

    public RunningPostgres? Replica { get; private set; }

    /// <summary>As a role that the migrations made connects.</summary>
    public string PrimaryConnectionStringFor(string role, string password) => For(Primary, role, password);

    public string ReplicaConnectionStringFor(string role, string password) => For(Replica!, role, password);

    /// <param name="migrate">Makes the database, by an administrator's connection string, before it is copied.</param>
    public static async Task<ReplicatedPostgres> StartAsync(Func<string, Task> migrate)
    {
        // Open to the unprivileged user the server runs as.
        var folder = Path.Combine(Path.GetTempPath(), $"platform-replica-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        var primary = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder, "primary") });
        var servers = new ReplicatedPostgres(folder, primary);
        await migrate(primary.ConnectionStringFor(DatabaseName));
        await servers.CopyAsync();
        await servers.StartReplicaAsync();
        return servers;
    }

    public async Task StartReplicaAsync()
    {
        Replica = await EmbeddedPostgres.StartAsync(_replicaOptions);
        _replicaOptions = _replicaOptions with { Port = Replica.Port };
    }

    public Task StopReplicaAsync() => Replica!.DisposeAsync().AsTask();

    /// <summary>Holds the replica where it is; it goes on receiving.</summary>
    public Task PauseAsync() => RunAsync(Replica!.ConnectionString, "SELECT pg_wal_replay_pause()");

    public Task ResumeAsync() => RunAsync(Replica!.ConnectionString, "SELECT pg_wal_replay_resume()");

    public async ValueTask DisposeAsync()
    {
        if (Replica is not null)
            await Replica.DisposeAsync();
        await Primary.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task CopyAsync()
    {
        var (source, target) = (Path.Combine(_folder, "primary"), Path.Combine(_folder, "replica"));
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Primary.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        // The slot keeps what is written from here on, until the replica has come for it.
        await using (var begin = new NpgsqlCommand(
            $"SELECT pg_create_physical_replication_slot('{Slot}', true); SELECT pg_backup_start('copy', fast => true)", connection))
            await begin.ExecuteNonQueryAsync();
        Copy(Path.Combine(source, "data"), Path.Combine(target, "data"));
        string label;
        await using (var end = new NpgsqlCommand("SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)", connection))
            label = (string)(await end.ExecuteScalarAsync())!;

        var data = Path.Combine(target, "data");
        await File.WriteAllTextAsync(Path.Combine(data, "backup_label"), label);
        await File.WriteAllTextAsync(Path.Combine(data, "standby.signal"), "");
        await File.AppendAllTextAsync(
            Path.Combine(data, "postgresql.auto.conf"),
            $"""
            primary_conninfo = 'host={RunningPostgres.Host} port={Primary.Port} user={Primary.UserName} password={Primary.Password}'
            primary_slot_name = '{Slot}'
            wal_retrieve_retry_interval = 200ms

            """);
        // The replica has the primary's password, so none has to be set.
        File.Copy(source + ".password", target + ".password");
        _replicaOptions = new EmbeddedPostgresOptions { DataFolder = target };
    }

    private static void Copy(string source, string target)
    {
        CreatePrivate(target);
        foreach (var folder in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
        {
            // The primary's slots are not the replica's.
            if (Path.GetFileName(Path.GetDirectoryName(folder)) != "pg_replslot")
                CreatePrivate(Path.Combine(target, Path.GetRelativePath(source, folder)));
        }
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(source, file);
            if (name is "postmaster.pid" or "postmaster.opts" || name.StartsWith("pg_wal", StringComparison.Ordinal)
                || name.StartsWith("pg_replslot", StringComparison.Ordinal))
                continue;
            try
            {
                File.Copy(file, Path.Combine(target, name));
            }
            catch (FileNotFoundException)
            {
                // Temporary files come and go.
            }
        }
    }

    // The server refuses data that others may read.
    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string For(RunningPostgres server, string role, string password) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionStringFor(DatabaseName))
        {
            Username = role, Password = password, Timeout = 2,
        }.ConnectionString;

    private static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
