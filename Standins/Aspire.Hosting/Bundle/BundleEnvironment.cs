using System.Runtime.InteropServices;

namespace Aspire.Hosting.Bundle;

/// <summary>What the search for a bundle takes from the machine, so that tests can lay out another one.</summary>
/// <param name="Home">The user's home, where <c>.aspire</c> may be.</param>
/// <param name="CacheFolder">Folder of this user's fetched bundles.</param>
/// <param name="Path">Folders searched for <c>aspire</c> and <c>npm</c>, in order.</param>
/// <param name="Rid">Portable runtime identifier; the last part of the npm package's name.</param>
internal sealed record BundleEnvironment(string Home, string CacheFolder, IReadOnlyList<string> Path, string Rid)
{
    public static BundleEnvironment Current()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new BundleEnvironment(home, System.IO.Path.Combine(CacheRoot(home), "aspire-hosting"), path, CurrentRid());
    }

    /// <summary>The first program of that name on the path; null if there is none.</summary>
    public string? FindOnPath(string program)
    {
        string[] names = OperatingSystem.IsWindows() ? [program + ".exe", program + ".cmd"] : [program];
        return Path.SelectMany(folder => names.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    private static string CacheRoot(string home)
    {
        if (OperatingSystem.IsWindows()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        var configured = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (System.IO.Path.IsPathRooted(configured)) return configured;
        // A service account may have no home; a folder of its own under the temporary one still saves the next fetch.
        return Directory.Exists(home)
            ? System.IO.Path.Combine(home, ".cache")
            : System.IO.Path.Combine(System.IO.Path.GetTempPath(), $".cache-{Environment.UserName}");
    }

    private static string CurrentRid()
    {
        var libc = RuntimeInformation.RuntimeIdentifier;
        var system = OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : libc.Contains("musl", StringComparison.Ordinal) || libc.StartsWith("alpine", StringComparison.Ordinal) ? "linux-musl"
            : "linux";
        return $"{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
    }
}
