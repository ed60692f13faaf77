using Platform.Worker.Backup;

namespace Platform.Worker.Tests.Backup;

/// <summary>A test that needs an installed Postgres, whole: server, pg_dump and pg_restore of one version.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PgDumpFactAttribute : FactAttribute
{
    public PgDumpFactAttribute()
    {
        if (ToolsDirectory is null)
            Skip = "Postgres isn't installed in /usr/lib/postgresql.";
    }

    /// <summary>Where the newest installed one is; null without.</summary>
    public static string? ToolsDirectory { get; } = !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.EnumerateDirectories("/usr/lib/postgresql").Select(path => Path.Combine(path, "bin"))
            .Where(path => PgTool.Find("postgres", path) is not null && PgTool.Find("pg_dump", path) is not null)
            .MaxBy(path => int.TryParse(Path.GetFileName(Path.GetDirectoryName(path)), out var version) ? version : 0);
}
