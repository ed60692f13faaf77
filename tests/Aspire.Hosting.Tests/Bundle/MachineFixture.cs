using Aspire.Hosting.Bundle;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Tests.Bundle;

/// <summary>A machine of folders: a home, a cache, a path, and programs that are shell scripts.</summary>
public sealed class MachineFixture : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("bundle-tests-").FullName;

    public string Home => Path.Combine(_root, "home");

    public string Cache => Path.Combine(_root, "cache");

    public string Bin => Path.Combine(_root, "bin");

    /// <summary>One line is added each time the pretended npm runs.</summary>
    public int NpmRuns => File.Exists(NpmLog) ? File.ReadAllLines(NpmLog).Length : 0;

    private string NpmLog => Path.Combine(_root, "npm.log");

    internal BundleEnvironment Environment => new(Home, Cache, [Bin, "/usr/bin", "/bin"], "linux-test");

    /// <summary>As the machine, with nothing on the path but its own programs.</summary>
    internal BundleEnvironment WithoutSystemPath => Environment with { Path = [Bin] };

    internal static BundleFetcher Fetcher(BundleEnvironment environment) => new(environment, NullLogger<BundleFetcher>.Instance);

    internal static AspireBundleLocator Locator(BundleEnvironment environment, params (string Key, string Value)[] configuration) => new(
        new ConfigurationBuilder().AddInMemoryCollection(configuration.Select(c => KeyValuePair.Create(c.Key, (string?)c.Value))).Build(),
        environment, Fetcher(environment), NullLogger<AspireBundleLocator>.Instance);

    public string AddFile(string relativePath, string content = "")
    {
        var path = Path.Combine(_root, relativePath);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A folder with both programs; <paramref name="relativePath"/> is under the machine's root.</summary>
    public string LayOutBundle(string relativePath)
    {
        AddFile(Path.Combine(relativePath, "dcp", "dcp"));
        AddFile(Path.Combine(relativePath, "managed", "aspire-managed"));
        return Path.Combine(_root, relativePath);
    }

    public string Install(string relativePath, string version)
    {
        LayOutBundle(Path.Combine(relativePath, "bundle"));
        AddFile(Path.Combine(relativePath, ".aspire-bundle-version"), $"{version}+0123456|1|2");
        return Path.Combine(_root, relativePath);
    }

    public string Script(string relativePath, string body)
    {
        var path = AddFile(relativePath, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>An npm that takes the package from the machine's disk; the package unpacks what <paramref name="setup"/> says.</summary>
    public void InstallNpm(string setup = """
        mkdir -p "$3/versions/v/dcp" "$3/versions/v/managed"
        : > "$3/versions/v/dcp/dcp"
        : > "$3/versions/v/managed/aspire-managed"
        """)
    {
        var package = Script("package/aspire", setup);
        Script("bin/npm", $"""
            echo "$@" >> '{NpmLog}'
            folder="$4/node_modules/@microsoft/aspire-cli-linux-test/bin"
            mkdir -p "$folder" && cp '{package}' "$folder/aspire"
            """);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
