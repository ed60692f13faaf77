using Platform.Embedded.Garnet;

namespace Platform.Embedded;

/// <summary>Garnet, a server of the Redis protocol, from its .NET tool.</summary>
public static class EmbeddedGarnet
{
    /// <summary>Fetches Garnet if it isn't there yet, writes its configuration, and returns the command line that runs it.</summary>
    /// <exception cref="EmbeddedServerException">Garnet can't be fetched, or no folder is writable.</exception>
    public static Task<PreparedServer> PrepareAsync(
        EmbeddedGarnetOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
        => PrepareAsync(options, Watch.None, progress, cancellationToken);

    /// <summary>Starts a server and waits until it answers. It ends when disposed of, or when this process ends, by whatever.</summary>
    /// <exception cref="EmbeddedServerException">As for preparing; or the port is taken, or it didn't get ready in time.</exception>
    public static async Task<RunningGarnet> StartAsync(
        EmbeddedGarnetOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var process = await ServerProcess.StartAsync(
            () => PrepareAsync(options, Watch.StandardInput, progress, cancellationToken),
            options, GarnetProbe.AnswersAsync, cancellationToken);
        return new RunningGarnet(process);
    }

    /// <summary>Returns when the server answers on that port of this machine; throws within two seconds when it doesn't.</summary>
    public static Task CheckAsync(PreparedServer server, int port, CancellationToken cancellationToken = default)
        => GarnetProbe.AnswersAsync(server, port, cancellationToken);

    private static async Task<PreparedServer> PrepareAsync(
        EmbeddedGarnetOptions options, Watch watch, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var (garnet, version) = await GarnetTool.LocateAsync(progress, cancellationToken);
        var folder = options.FolderOf("garnet", forOtherUser: false);
        Folders.Create(folder, forOtherUser: false);

        using var preparing = options.Ephemeral ? null : await FileLock.AcquireAsync(folder + ".lock", progress, cancellationToken);
        var passwordFile = folder + ".password";
        var data = Path.Combine(folder, "data");
        if (options.Fresh)
        {
            if (Directory.Exists(data)) Directory.Delete(data, recursive: true);
            File.Delete(passwordFile);
        }
        var password = options.Password ?? (options.Ephemeral ? null : Secrets.Read(passwordFile)) ?? Secrets.Generate();
        if (!options.Ephemeral) Secrets.Write(passwordFile, password);

        var settings = Path.Combine(folder, "garnet.conf");
        Directory.CreateDirectory(data);
        Secrets.Write(settings, GarnetSettings.Write(options, password, data));
        var command = await RunScript.WrapAsync(
            [.. garnet, "--config-import-path", settings, "--port", PreparedServer.PortPlaceholder],
            "TERM", folder, watch, options.Ephemeral, ServerUser.Current, cancellationToken);
        return new PreparedServer
        {
            Description = $"Garnet {version} (.NET tool)",
            Command = command[0],
            Arguments = [.. command.Skip(1)],
            WorkingDirectory = folder,
            // The tool asks for the server's garbage collector, which reserves a heap a core; one is plenty here.
            Environment = new Dictionary<string, string> { ["DOTNET_gcServer"] = "0", ["DOTNET_TieredPGO"] = "0" },
            DataFolder = folder,
            Password = password,
        };
    }
}
