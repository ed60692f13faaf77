using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Bundle;

/// <summary>
/// Brings the pinned bundle from npm into the user's cache: fetched into a staging folder, unpacked there by its own program,
/// then renamed into place, so that what the cache holds is always whole.
/// </summary>
internal sealed partial class BundleFetcher(BundleEnvironment environment, ILogger<BundleFetcher> logger)
{
    /// <summary>The pinned version of the npm package.</summary>
    public const string Version = "13.5.4";

    private const string StagingPrefix = ".staging-";

    /// <summary>Bytes the bundle has once unpacked, and a little more.</summary>
    private const long UnpackedSize = 310L << 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);

    private readonly string _target = Path.Combine(environment.CacheFolder, $"{Version}-{environment.Rid}");

    private string Package => $"@microsoft/aspire-cli-{environment.Rid}";

    private string DiskFull => $"the disk of '{environment.CacheFolder}' is full (about 450 MB are needed while unpacking)";

    public async Task<AspireBundle> FetchAsync(CancellationToken cancellationToken)
    {
        if (AspireBundle.FromFolder(_target) is { } cached) return cached;
        try
        {
            Directory.CreateDirectory(environment.CacheFolder);
            var path = Path.Combine(environment.CacheFolder, ".lock");
            await using var held = await LockFile.AcquireAsync(path, LogWaiting, cancellationToken);
            // Another start may have finished while this one waited.
            return AspireBundle.FromFolder(_target) ?? await FetchLockedAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(
                $"The Aspire bundle could not be written to '{environment.CacheFolder}': {e.Message} "
                + "Free about 450 MB there, or set XDG_CACHE_HOME to another folder.", e);
        }
    }

    private async Task<AspireBundle> FetchLockedAsync(CancellationToken cancellationToken)
    {
        // Whoever left these behind was killed: the lock is ours.
        foreach (var leftover in Directory.EnumerateDirectories(environment.CacheFolder, StagingPrefix + "*")) TryDelete(leftover);

        var staging = Path.Combine(environment.CacheFolder, $"{StagingPrefix}{Guid.NewGuid():N}");
        var watch = Stopwatch.StartNew();
        try
        {
            Directory.CreateDirectory(staging);
            LogFetching(Package, Version, environment.CacheFolder);
            await RunNpmAsync(staging, cancellationToken);
            TryDelete(NpmCache(staging));
            var root = Path.Combine(staging, "node_modules", "@microsoft", $"aspire-cli-{environment.Rid}");
            await UnpackAsync(staging, root, cancellationToken);

            var versions = Path.Combine(root, "versions");
            var unpacked = (Directory.Exists(versions) ? Directory.GetDirectories(versions) : [])
                .FirstOrDefault(folder => AspireBundle.FromFolder(folder) is not null)
                ?? throw Failed("it unpacked without dcp and aspire-managed", null);
            if (Directory.Exists(_target)) Directory.Delete(_target, recursive: true);
            Directory.Move(unpacked, _target);
            LogFetched(Version, watch.Elapsed.TotalSeconds, _target);
            return AspireBundle.FromFolder(_target)!;
        }
        finally
        {
            TryDelete(staging);
        }
    }

    /// <summary>Of its own, so that the download isn't kept a second time in the user's.</summary>
    private static string NpmCache(string staging) => Path.Combine(staging, "npm");

    private async Task RunNpmAsync(string staging, CancellationToken cancellationToken)
    {
        var npm = environment.FindOnPath("npm") ?? throw new DistributedApplicationException(
            $"DCP and the Aspire dashboard are not on this machine, and npm, which would fetch them ({Package}@{Version}), is not either. "
            + "Install Node.js with npm, or install the Aspire CLI 13.5, or set ASPIRE_DCP_PATH and ASPIRE_DASHBOARD_PATH.");
        string[] arguments =
        [
            "install", $"{Package}@{Version}", "--prefix", staging, "--cache", NpmCache(staging),
            // Two more tries within seconds; npm's own pauses add up to over a minute.
            "--fetch-retry-mintimeout", "1000", "--fetch-retry-maxtimeout", "5000",
            "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel", "error",
        ];
        var (exitCode, output) = await RunAsync(npm, arguments, staging, "Fetching", cancellationToken);
        if (exitCode != 0) throw Failed(Explain(output), output);
    }

    /// <summary>
    /// The program checks what it unpacked only beside itself and under the home folder; with both inside the staging folder it
    /// checks the right place and leaves nothing behind in the user's.
    /// </summary>
    private async Task UnpackAsync(string staging, string root, CancellationToken cancellationToken)
    {
        var program = Path.Combine(root, "bin", OperatingSystem.IsWindows() ? "aspire.exe" : "aspire");
        if (!File.Exists(program)) throw Failed($"the package has no {Path.GetFileName(program)}", null);
        // It does not say so itself when the disk is full.
        if (SpaceLeft() < UnpackedSize) throw Failed(DiskFull, null);
        string[] arguments = ["setup", "--install-path", root, "--nologo", "--non-interactive"];
        var (exitCode, output) = await RunAsync(program, arguments, staging, "Unpacking", cancellationToken);
        if (exitCode != 0) throw Failed(Explain(output), output);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(
        string program, string[] arguments, string staging, string activity, CancellationToken cancellationToken)
    {
        // A batch file is no program of its own on Windows.
        var batch = program.EndsWith(".cmd", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(batch ? "cmd.exe" : program, batch ? ["/c", program, .. arguments] : arguments)
        {
            WorkingDirectory = staging,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (activity == "Unpacking") KeepInside(start, Path.Combine(staging, "home"));

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        using var process = Start(start);
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            var exited = process.WaitForExitAsync(deadline.Token);
            while (await Task.WhenAny(exited, Task.Delay(ProgressInterval, deadline.Token)) != exited && !deadline.IsCancellationRequested)
                LogProgress(activity, SizeInMegabytes(staging));
            await exited;
            return (process.ExitCode, $"{await errors}\n{await output}".Trim());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed($"it took longer than {Deadline.TotalMinutes:0} minutes", null);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Failed($"'{start.FileName}' could not be started: {e.Message}", null);
        }
    }

    private static void KeepInside(ProcessStartInfo start, string home)
    {
        Directory.CreateDirectory(home);
        start.Environment["HOME"] = home;
        start.Environment["USERPROFILE"] = home;
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(home, ".cache");
        start.Environment["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["NO_COLOR"] = "1";
        start.Environment["features__updateNotificationsEnabled"] = "false";
    }

    private string Explain(string output) =>
        output.Contains("ENOSPC", StringComparison.Ordinal)
            ? DiskFull
        : output.Contains("E404", StringComparison.Ordinal) || output.Contains("ETARGET", StringComparison.Ordinal)
            ? $"the npm registry has no {Package}@{Version}: this platform ({environment.Rid}) is not supported, or the registry is a partial mirror"
        : output.Contains("EBADPLATFORM", StringComparison.Ordinal)
            ? $"npm says the package is not for this platform ({environment.Rid})"
        : output.Contains("ENOTFOUND", StringComparison.Ordinal) || output.Contains("ECONNREFUSED", StringComparison.Ordinal)
          || output.Contains("EAI_AGAIN", StringComparison.Ordinal) || output.Contains("ETIMEDOUT", StringComparison.Ordinal)
            ? "the npm registry cannot be reached"
        : output.Contains("E401", StringComparison.Ordinal) || output.Contains("E403", StringComparison.Ordinal)
            ? "the npm registry refused the download"
            : "the command failed";

    private long SpaceLeft()
    {
        try
        {
            return new DriveInfo(environment.CacheFolder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return long.MaxValue; // A network path on Windows, say.
        }
    }

    private DistributedApplicationException Failed(string reason, string? output) => new(
        $"Fetching DCP and the Aspire dashboard ({Package}@{Version}) failed: {reason}. "
        + "Check `npm config get registry`, or install the Aspire CLI 13.5, or set ASPIRE_DCP_PATH and ASPIRE_DASHBOARD_PATH."
        + (string.IsNullOrEmpty(output) ? "" : string.Join(Environment.NewLine, output.Split('\n').TakeLast(12).Prepend(""))));

    private static long SizeInMegabytes(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) >> 20;
        }
        catch (IOException)
        {
            return 0; // Files come and go while npm works.
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next fetch tries again.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Fetching {Package} {Version} (DCP and the dashboard, about 120 MB) once into {Folder}.")]
    private partial void LogFetching(string package, string version, string folder);

    [LoggerMessage(2, LogLevel.Information, "{Activity} the Aspire bundle: {Megabytes} MB written.")]
    private partial void LogProgress(string activity, long megabytes);

    [LoggerMessage(3, LogLevel.Information, "Aspire bundle {Version} ready after {Seconds:0} s in {Folder}.")]
    private partial void LogFetched(string version, double seconds, string folder);

    [LoggerMessage(4, LogLevel.Information, "Another start is fetching the Aspire bundle; waiting for it.")]
    private partial void LogWaiting();
}
