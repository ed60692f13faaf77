namespace Platform.Embedded.Postgres;

/// <summary>Postgres from its container image, run in the foreground by Docker or Podman.</summary>
internal static class ContainerPostgres
{
    private const string Image = "docker.io/library/postgres:18";
    private const string RunWithPort = """port=$1; shift; exec "$0" run --publish "127.0.0.1:$port:5432" "$@" """;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PullTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The command line of the container, its image fetched, or why there is none.</summary>
    public static async Task<(PreparedServer? Server, string? Reason)> PrepareAsync(
        EmbeddedPostgresOptions options, Watch watch, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var name in new[] { "docker", "podman" })
        {
            if (Tool.Find(name) is not { } runtime)
            {
                reasons.Add($"{name} isn't on the PATH");
                continue;
            }
            if (await RefusalAsync(runtime, progress, cancellationToken) is { } reason)
            {
                reasons.Add($"{name}: {reason}");
                continue;
            }
            return (await CommandAsync(runtime, options, watch, cancellationToken), null);
        }
        return (null, string.Join("; ", reasons));
    }

    private static async Task<string?> RefusalAsync(string runtime, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await RunAsync(runtime, ["info"], AnswerTimeout, cancellationToken);
            if (answer is not { ExitCode: 0 }) return $"doesn't answer ({answer?.Tail.Split('\n')[^1]}); is its service running?";
            var image = await RunAsync(runtime, ["image", "inspect", Image], AnswerTimeout, cancellationToken);
            if (image is { ExitCode: 0 }) return null;
            progress?.Report($"Pulling {Image} …");
            var pull = await RunAsync(runtime, ["pull", Image], PullTimeout, cancellationToken);
            return pull is { ExitCode: 0 } ? null : $"can't pull {Image}: {pull?.Tail.Split('\n')[^1]}";
        }
        catch (TimeoutException error)
        {
            return error.Message;
        }
    }

    private static async Task<PreparedServer> CommandAsync(
        string runtime, EmbeddedPostgresOptions options, Watch watch, CancellationToken cancellationToken)
    {
        var folder = options.FolderOf(options.Ephemeral ? "postgres" : "postgres-container", forOtherUser: false);
        // The data itself lives in a volume: files of the container's users would be nobody's outside of it.
        var volume = $"platform-{Checkout.KeyOf(folder)}".ToLowerInvariant();
        Folders.Create(folder, forOtherUser: false);
        var passwordFile = folder + ".password";
        if (options.Fresh && !options.Ephemeral)
        {
            var removal = await RunAsync(runtime, ["volume", "rm", "--force", volume], AnswerTimeout, cancellationToken);
            if (removal is not { ExitCode: 0 })
            {
                throw new EmbeddedServerException(
                    $"Can't discard the volume {volume}: {removal?.Tail} Stop the container that uses it first.");
            }
            File.Delete(passwordFile);
        }
        // The image sets the password only when it initialises its volume.
        var password = (options.Ephemeral ? null : Secrets.Read(passwordFile)) ?? options.Password ?? Secrets.Generate();
        if (options.Password is { } wanted && wanted != password)
        {
            throw new EmbeddedServerException(
                $"The volume {volume} was initialised with another password. Start once with --fresh to discard it.");
        }
        if (!options.Ephemeral) Secrets.Write(passwordFile, password);

        string[] storage = options.Ephemeral ? ["--tmpfs", "/var/lib/postgresql"] : ["--volume", $"{volume}:/var/lib/postgresql"];
        // With a name only, --env takes the value from the runtime's own environment: it stays out of the process list.
        string[] image =
        [
            "--rm", "--sig-proxy=true", "--label", $"platform.folder={folder}", .. storage,
            "--env", "POSTGRES_USER", "--env", "POSTGRES_PASSWORD",
            Image, "-c", $"max_connections={options.MaxConnections}", "-c", $"fsync={(options.Ephemeral ? "off" : "on")}",
            "-c", "shared_preload_libraries=pg_stat_statements",
        ];
        // The port is an argument of its own, as with the other sources: an orchestrator may only know an expression for it.
        string[] run = OperatingSystem.IsWindows()
            ? [runtime, "run", "--publish", $"127.0.0.1:{PreparedServer.PortPlaceholder}:5432", .. image]
            : ["/bin/sh", "-c", RunWithPort, runtime, PreparedServer.PortPlaceholder, .. image];
        var command = await RunScript.WrapAsync(
            run, "INT", folder, watch, options.Ephemeral, ServerUser.Current, cancellationToken);
        return new PreparedServer
        {
            Description = $"PostgreSQL from the image {Image} ({Path.GetFileName(runtime)})",
            Command = command[0],
            Arguments = [.. command.Skip(1)],
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string> { ["POSTGRES_USER"] = options.UserName, ["POSTGRES_PASSWORD"] = password },
            DataFolder = folder,
            UserName = options.UserName,
            Password = password,
        };
    }

    private static Task<Tool.Result?> RunAsync(string runtime, string[] arguments, TimeSpan timeout, CancellationToken cancellationToken)
        => Tool.RunAsync([runtime, .. arguments], Path.GetTempPath(), timeout, cancellationToken);
}
