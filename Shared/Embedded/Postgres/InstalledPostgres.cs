namespace Platform.Embedded.Postgres;

/// <summary>Postgres as this machine's package manager or installer left it.</summary>
internal static class InstalledPostgres
{
    /// <summary>Oldest major version the platform's SQL runs on.</summary>
    public const int MinimumMajor = 15;

    /// <summary>The newest installed binaries that run, or why there are none.</summary>
    public static async Task<(PostgresBinaries? Binaries, string? Reason)> LocateAsync(ServerUser user, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        PostgresBinaries? best = null;
        foreach (var folder in Candidates().Distinct())
        {
            var (binaries, reason) = await PostgresBinaries.TryAsync(folder, $"installed in {folder}", user, cancellationToken);
            if (binaries is null) reasons.Add(reason!);
            else if (binaries.Major < MinimumMajor) reasons.Add($"{folder} has {binaries.Version}, at least {MinimumMajor} is needed");
            else if (best is null || binaries.Major > best.Major) best = binaries;
        }
        if (best is not null) return (best, null);
        return (null, reasons.Count > 0 ? string.Join("; ", reasons) : "none on the PATH or in the usual folders");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Tool.Find("postgres") is { } onPath)
        {
            // Debian and Homebrew link single binaries into a common folder; initdb is beside the real one.
            var target = File.ResolveLinkTarget(onPath, returnFinalTarget: true)?.FullName ?? onPath;
            yield return Path.GetDirectoryName(target)!;
        }
        (string Root, string Pattern)[] usual =
        [
            ("/usr/lib/postgresql", "*"),
            ("/usr", "pgsql-*"),
            ("/opt/homebrew/opt", "postgresql*"),
            ("/usr/local/opt", "postgresql*"),
            ("/Library/PostgreSQL", "*"),
            (Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*"),
        ];
        foreach (var (root, pattern) in usual.Where(place => Path.IsPathRooted(place.Root) && Directory.Exists(place.Root)))
        {
            foreach (var version in Directory.EnumerateDirectories(root, pattern))
            {
                var bin = Path.Combine(version, "bin");
                if (Directory.Exists(bin)) yield return bin;
            }
        }
    }
}
