using System.Text.Json;

namespace Platform.Embedded.Garnet;

/// <summary>Garnet as the .NET tool of the repository's manifest, restored once into the NuGet packages folder.</summary>
internal static class GarnetTool
{
    private const string Name = "garnet-server";
    private const string Assembly = "GarnetServer.dll";
    private const string CheckSources = "Check the network and the package sources ('dotnet nuget list source').";
    private static readonly TimeSpan RestoreTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Command that runs Garnet, and its version. Restores the tool if it isn't there.</summary>
    public static async Task<(IReadOnlyList<string> Command, string Version)> LocateAsync(
        IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var root = Checkout.Root ?? throw new EmbeddedServerException(
            $"Garnet comes from the repository's tool manifest, and {AppContext.BaseDirectory} isn't in a checkout. "
            + "Run from the repository.");
        var version = ManifestVersion(Path.Combine(root, ".config", "dotnet-tools.json"));
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Tool.Find("dotnet")
            ?? throw new EmbeddedServerException("dotnet isn't on the PATH. Install the .NET 10 SDK.");

        if (Find(version) is { } ready) return ([dotnet, "exec", ready], version);

        using var restoring = await FileLock.AcquireAsync(Folders.Cached("garnet.lock", forOtherUser: false), progress, cancellationToken);
        if (Find(version) is { } waited) return ([dotnet, "exec", waited], version);
        progress?.Report($"Restoring Garnet {version} with 'dotnet tool restore', once …");
        await RestoreAsync(dotnet, root, cancellationToken);

        // A nuget.config may put packages elsewhere; only NuGet itself knows. Asking takes half a second, so it comes last.
        var restored = Find(version) ?? FindIn(await AskForPackagesFolderAsync(dotnet, root, cancellationToken), version);
        if (restored is not null) return ([dotnet, "exec", restored], version);
        throw new EmbeddedServerException(
            $"Garnet {version} was restored, but {Assembly} is in none of the NuGet packages folders. "
            + "Clear what the SDK remembers of it (~/.dotnet/toolResolverCache) and try again.");
    }

    private static async Task RestoreAsync(string dotnet, string root, CancellationToken cancellationToken)
    {
        Tool.Result? result;
        try
        {
            result = await Tool.RunAsync([dotnet, "tool", "restore"], root, RestoreTimeout, cancellationToken);
        }
        catch (TimeoutException error)
        {
            throw new EmbeddedServerException($"Garnet can't be fetched: {error.Message} {CheckSources}", error);
        }
        if (result is { ExitCode: 0 }) return;
        var output = result?.Output ?? "";
        var diskFull = output.Contains("No space left", StringComparison.OrdinalIgnoreCase)
            || output.Contains("not enough space", StringComparison.OrdinalIgnoreCase);
        throw new EmbeddedServerException(
            $"Garnet can't be fetched: 'dotnet tool restore' failed. {(diskFull ? "The disk is full; free some space." : CheckSources)} "
            + $"It said: {result?.Tail ?? "nothing; it can't be started"}");
    }

    private static string ManifestVersion(string manifest)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(manifest));
        var tools = document.RootElement.GetProperty("tools");
        return tools.TryGetProperty(Name, out var tool) && tool.GetProperty("version").GetString() is { } version
            ? version
            : throw new EmbeddedServerException($"{manifest} lacks the tool {Name}. Add it with 'dotnet tool install {Name}'.");
    }

    /// <summary>
    /// Looks in NUGET_PACKAGES, then in the default folder: what was restored there before isn't restored a second time when
    /// the variable is set later.
    /// </summary>
    private static string? Find(string version)
        => FindIn(Environment.GetEnvironmentVariable("NUGET_PACKAGES"), version)
            ?? FindIn(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"), version);

    private static async Task<string?> AskForPackagesFolderAsync(string dotnet, string root, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync(
            [dotnet, "nuget", "locals", "global-packages", "--list", "--force-english-output"], root, AnswerTimeout, cancellationToken);
        var line = result?.Output.Split('\n').FirstOrDefault(text => text.StartsWith("global-packages:", StringComparison.Ordinal));
        return line?["global-packages:".Length..].Trim();
    }

    private static string? FindIn(string? packages, string version)
    {
        if (string.IsNullOrEmpty(packages)) return null;
        var package = Path.Combine(packages, Name, version);
        var tools = Path.Combine(package, "tools");
        // NuGet writes the marker when the package is complete.
        if (!Directory.Exists(tools) || !File.Exists(Path.Combine(package, ".nupkg.metadata"))) return null;
        return Directory.EnumerateDirectories(tools, "net*").OrderDescending(StringComparer.Ordinal)
            .Select(framework => Path.Combine(framework, "any", Assembly)).FirstOrDefault(File.Exists);
    }
}
