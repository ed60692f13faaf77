using Npgsql;
using Platform.Embedded.Postgres;

namespace Platform.Embedded;

/// <summary>Postgres without a container: from its npm package, else installed binaries, else the container runtime.</summary>
public static class EmbeddedPostgres
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Fetches and initialises what isn't there yet, and returns the command line that runs the server.</summary>
    /// <exception cref="EmbeddedServerException">No Postgres to be had, no room, or data of another version.</exception>
    public static async Task<PreparedServer> PrepareAsync(
        EmbeddedPostgresOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
        => await PrepareAsync(options, Watch.None, progress, cancellationToken);

    /// <summary>Starts a server and waits until it answers. It ends when disposed of, or when this process ends, by whatever.</summary>
    /// <exception cref="EmbeddedServerException">As for preparing; or the port is taken, or it didn't get ready in time.</exception>
    public static async Task<RunningPostgres> StartAsync(
        EmbeddedPostgresOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var process = await ServerProcess.StartAsync(
            () => PrepareAsync(options, Watch.StandardInput, progress, cancellationToken), options, CheckAsync, cancellationToken);
        return new RunningPostgres(process);
    }

    /// <summary>Returns when the server answers on that port of this machine; throws within two seconds when it doesn't.</summary>
    public static async Task CheckAsync(PreparedServer server, int port, CancellationToken cancellationToken = default)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(RunningPostgres.Connection(server, port, "postgres"))
        {
            Pooling = false,
            Timeout = (int)ProbeTimeout.TotalSeconds,
        }.ConnectionString;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
    }

    private static async Task<PreparedServer> PrepareAsync(
        EmbeddedPostgresOptions options, Watch watch, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var user = await ServerUser.UnprivilegedAsync(cancellationToken);
        var reasons = new List<string>();
        foreach (var source in options.Sources)
        {
            if (source == PostgresSource.Container)
            {
                var (server, refusal) = await ContainerPostgres.PrepareAsync(options, watch, progress, cancellationToken);
                if (server is not null) return server;
                reasons.Add($"  container: {refusal}");
                continue;
            }
            var (binaries, reason) = source == PostgresSource.Package
                ? await PostgresPackage.LocateAsync(user, progress, cancellationToken)
                : await InstalledPostgres.LocateAsync(user, cancellationToken);
            if (binaries is not null) return await PrepareAsync(binaries, user, options, watch, progress, cancellationToken);
            reasons.Add($"  {(source == PostgresSource.Package ? "npm package" : "installed")}: {reason}");
        }
        throw new EmbeddedServerException(
            "There is no Postgres to run. It comes from its npm package, from an installation on this machine, or from a container; "
            + "put one of them right:\n"
            + string.Join('\n', reasons));
    }

    private static async Task<PreparedServer> PrepareAsync(
        PostgresBinaries binaries, ServerUser user, EmbeddedPostgresOptions options, Watch watch,
        IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var folder = options.FolderOf("postgres", user.IsOther);
        if (user.IsOther && !Folders.IsOpenToAll(folder))
        {
            throw new EmbeddedServerException(
                $"Postgres runs as user {user.Name}, who can't enter {folder}. "
                + "Choose another data folder, or open those above it (chmod o+x).");
        }
        Folders.Create(folder, user.IsOther);

        // A temporary folder is nobody else's.
        using var preparing = options.Ephemeral ? null : await FileLock.AcquireAsync(folder + ".lock", progress, cancellationToken);
        var cluster = new PostgresCluster(folder, binaries, user, options);
        string password;
        try
        {
            password = await cluster.PrepareAsync(progress, cancellationToken);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new EmbeddedServerException(
                $"{folder} belongs to another user, probably because Postgres was started there as root before. "
                + "Give it back (chown -R), remove it, or choose another data folder.", error);
        }
        var command = await RunScript.WrapAsync(
            [binaries.Postgres, "-D", cluster.Data, "-p", PreparedServer.PortPlaceholder],
            "INT", folder, watch, options.Ephemeral, user, cancellationToken);
        return new PreparedServer
        {
            Description = $"PostgreSQL {binaries.Version} ({binaries.Origin})",
            Command = command[0],
            Arguments = [.. command.Skip(1)],
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string> { ["HOME"] = folder },
            DataFolder = folder,
            UserName = options.UserName,
            Password = password,
        };
    }
}
