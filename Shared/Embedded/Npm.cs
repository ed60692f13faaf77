namespace Platform.Embedded;

/// <summary>Fetches packages with the user's own npm, from the registry it is set up for.</summary>
internal static class Npm
{
    /// <summary>Runs npm.</summary>
    /// <returns>Why it failed; null when it didn't.</returns>
    public static async Task<string?> RunAsync(
        IReadOnlyList<string> arguments, string folder, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Tool.Find("npm") is not { } npm) return "npm isn't on the PATH (install Node.js 20 or later)";
        try
        {
            var result = await Tool.RunAsync(
                [npm, .. arguments, "--no-update-notifier", "--loglevel=error"], folder, timeout, cancellationToken);
            return result switch
            {
                null => $"{npm} can't be started",
                { ExitCode: not 0 } => Explain(arguments[0], result),
                _ => null,
            };
        }
        catch (TimeoutException error)
        {
            return $"{error.Message} Check the network and npm's registry setting ('npm config get registry').";
        }
    }

    private static string Explain(string command, Tool.Result result)
    {
        bool Said(params string[] codes) => codes.Any(code => result.Output.Contains(code, StringComparison.Ordinal));
        var remedy = Said("ENOSPC") ? "the disk is full; free some space"
            : Said("EACCES", "EPERM") ? "npm may not write to its cache; check the owner of ~/.npm"
            : Said("E404", "ETARGET") ? "the registry lacks the package; check 'npm config get registry'"
            : Said("E401", "E403") ? "the registry refused the download; check its credentials in .npmrc"
            : "check the network, its proxy and 'npm config get registry'";
        return $"npm {command} failed: {remedy}. npm said: {result.Tail}";
    }
}
