using System.Text.RegularExpressions;

namespace Platform.Embedded.Postgres;

/// <summary>A folder with <c>initdb</c> and <c>postgres</c> that have been seen to work.</summary>
internal sealed partial record PostgresBinaries(string Folder, string Version, string Origin)
{
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(20);
    private static readonly string[] LibrarySuffixes = [".so", ".dylib", ".dll"];
    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".exe" : "";

    /// <summary>Major version, which a data folder is bound to.</summary>
    public int Major => int.Parse(Version.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    public string Postgres => Path.Combine(Folder, "postgres" + Suffix);

    public string InitDb => Path.Combine(Folder, "initdb" + Suffix);

    /// <summary>Whether an extension's library is there; to preload one that isn't would keep the server from starting.</summary>
    public bool HasLibrary(string name)
    {
        var parent = Path.GetDirectoryName(Folder)!;
        string[] folders = [Path.Combine(parent, "lib"), Path.Combine(parent, "lib", "postgresql")];
        return folders.Any(folder => LibrarySuffixes.Any(suffix => File.Exists(Path.Combine(folder, name + suffix))));
    }

    /// <summary>Runs <c>postgres --version</c> as the server's user. Returns the binaries, or why they can't be used.</summary>
    public static async Task<(PostgresBinaries? Binaries, string? Reason)> TryAsync(
        string folder, string origin, ServerUser user, CancellationToken cancellationToken)
    {
        var binaries = new PostgresBinaries(folder, "0", origin);
        if (!File.Exists(binaries.Postgres) || !File.Exists(binaries.InitDb)) return (null, $"{folder} lacks postgres or initdb");
        Tool.Result? result;
        try
        {
            var command = user.Wrap([binaries.Postgres, "--version"]);
            result = await Tool.RunAsync(command, Path.GetTempPath(), VersionTimeout, cancellationToken);
        }
        catch (TimeoutException error)
        {
            return (null, error.Message);
        }
        var version = VersionPattern().Match(result?.Output ?? "");
        return result is { ExitCode: 0 } && version.Success
            ? (binaries with { Version = version.Groups[1].Value }, null)
            : (null, $"{binaries.Postgres} doesn't run: {result?.Tail ?? "can't be started"}");
    }

    [GeneratedRegex(@"PostgreSQL\) (\d+(?:\.\d+)*)")]
    private static partial Regex VersionPattern();
}
