using System.Diagnostics;
using System.Globalization;

namespace Platform.Bench;

/// <summary>What the rivals need, fetched once by npm into a folder outside the repository, each into a folder of its own.</summary>
internal static class RivalPackages
{
    private const int LeastNode = 22;
    private static readonly string Cache = Path.Combine(Path.GetTempPath(), "platform-bench-rivals");
    private static string? _node;

    /// <returns>Those that can be run; why the others can't is printed.</returns>
    public static async Task<IReadOnlyList<RivalKind>> PrepareAsync(IReadOnlyList<RivalKind> wanted)
    {
        var ready = new List<RivalKind>();
        foreach (var kind in wanted)
        {
            try
            {
                if (kind.OnRedis && RedisServer.Find() is null)
                    throw new InvalidOperationException("it needs redis-server on the path (Garnet has no streams); Debian's package has that name");
                _node ??= await FindNodeAsync();
                await InstallAsync(kind.Name);
                ready.Add(kind);
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                Report.Line($"{kind.Title} is left out: {e.Message.Trim()}");
            }
        }

        return ready;
    }

    /// <returns>What the rival's program printed.</returns>
    public static Task<string> RunAsync(RivalKind kind, params string[] arguments) =>
        RunAsync(Path.Combine(Cache, kind.Name), _node!, ["bench.mjs", .. arguments]);

    /// <summary>The installed Node if it is recent enough, else npm's package of it.</summary>
    private static async Task<string> FindNodeAsync()
    {
        try
        {
            var version = await RunAsync(Path.GetTempPath(), "node", ["--version"]);
            if (int.Parse(version.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture) >= LeastNode)
                return "node";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // None is installed.
        }

        return Path.Combine(await InstallAsync("node"), "node_modules", ".bin", "node");
    }

    private static async Task<string> InstallAsync(string name)
    {
        var (source, folder) = (Path.Combine(AppContext.BaseDirectory, "rivals", name), Path.Combine(Cache, name));
        Directory.CreateDirectory(folder);
        var (wanted, has) = (Path.Combine(source, "package.json"), Path.Combine(folder, "package.json"));
        var installed = File.Exists(has) && File.ReadAllText(has) == File.ReadAllText(wanted)
            && File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"));
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (!installed)
        {
            // Nothing that was resolved for another version.
            File.Delete(Path.Combine(folder, "package-lock.json"));
            await RunAsync(folder, "npm", ["install", "--no-audit", "--no-fund"]);
        }

        return folder;
    }

    private static async Task<string> RunAsync(string folder, string command, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{command} {arguments[0]} ended with {process.ExitCode}: {await errors}");
    }
}
