using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Bundle;

/// <summary>
/// Looks for DCP and the dashboard in this order: paths given in the configuration, an installed <c>aspire</c> of a fitting
/// version, this user's cache, the npm package.
/// </summary>
internal sealed partial class AspireBundleLocator(
    IConfiguration configuration, BundleEnvironment environment, BundleFetcher fetcher, ILogger<AspireBundleLocator> logger)
    : IAspireBundleLocator
{
    /// <summary>Versions fit when they share the pinned version's first two numbers: DCP's API changes between those.</summary>
    private static readonly string FittingPrefix = BundleFetcher.Version[..(BundleFetcher.Version.LastIndexOf('.') + 1)];

    private readonly Lock _gate = new();
    private Task<AspireBundle>? _search;

    public Task<AspireBundle> LocateAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Off the caller's thread: the start of the application goes on while a fetch runs.
            return _search ??= Task.Run(() => SearchAsync(cancellationToken), cancellationToken);
        }
    }

    private async Task<AspireBundle> SearchAsync(CancellationToken cancellationToken)
    {
        var dcp = Configured("DcpPublisher:CliPath", file: true)
            ?? (Configured("ASPIRE_DCP_PATH", file: false) is { } folder ? Existing(AspireBundle.DcpIn(folder), "ASPIRE_DCP_PATH") : null);
        var dashboard = Configured("DcpPublisher:DashboardPath", file: true) ?? Configured("ASPIRE_DASHBOARD_PATH", file: true);
        if (dcp is not null && dashboard is not null) return new AspireBundle(dcp, dashboard);

        var bundle = Installed() ?? await fetcher.FetchAsync(cancellationToken);
        return new AspireBundle(dcp ?? bundle.DcpPath, dashboard ?? bundle.DashboardPath);
    }

    private string? Configured(string key, bool file) =>
        configuration[key] is not { Length: > 0 } value ? null : file ? Existing(value, key) : Path.GetFullPath(value);

    private static string Existing(string path, string key) => File.Exists(path)
        ? Path.GetFullPath(path)
        : throw new DistributedApplicationException(
            $"'{path}' does not exist, but {key} points to it. Correct the path or remove the setting.");

    private AspireBundle? Installed()
    {
        foreach (var root in InstallationRoots())
        {
            // Laid out next to the program or one folder up, with the version in a file beside the bundle.
            if (VersionOf(root) is not { } version || AspireBundle.FromFolder(Path.Combine(root, "bundle")) is not { } bundle) continue;
            if (version.StartsWith(FittingPrefix, StringComparison.Ordinal))
            {
                LogInstalled(version, root);
                return bundle;
            }
            LogUnfitting(version, root, FittingPrefix);
        }
        return null;
    }

    private IEnumerable<string> InstallationRoots()
    {
        if (environment.FindOnPath("aspire") is { } program)
        {
            program = File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program;
            var folder = Path.GetDirectoryName(program)!;
            yield return folder;
            if (Path.GetDirectoryName(folder) is { } parent) yield return parent;
        }
        yield return Path.Combine(environment.Home, ".aspire");
    }

    private static string? VersionOf(string root)
    {
        var marker = Path.Combine(root, ".aspire-bundle-version");
        try
        {
            return File.Exists(marker) ? File.ReadAllText(marker).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Using Aspire {Version} installed in {Root}.")]
    private partial void LogInstalled(string version, string root);

    [LoggerMessage(2, LogLevel.Debug, "Leaving Aspire {Version} in {Root} alone: {Fitting}x is needed.")]
    private partial void LogUnfitting(string version, string root, string fitting);
}
