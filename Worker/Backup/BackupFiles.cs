using System.Globalization;
using System.Text.RegularExpressions;

namespace Platform.Worker.Backup;

/// <summary>Backups in a folder, named by database and time; one that is being written carries another name until it is whole.</summary>
internal static partial class BackupFiles
{
    /// <summary>The platform's own archive.</summary>
    public const string ArchiveExtension = ".zip";

    /// <summary>What pg_dump writes in its custom format.</summary>
    public const string DumpExtension = ".dump";

    private const string Partial = ".partial", TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    // Nothing takes that long: whoever wrote it is gone.
    private static readonly TimeSpan Stale = TimeSpan.FromDays(2);

    /// <summary>Makes the folder and an empty file in it that only this user can read.</summary>
    public static (string Partial, string Final) Create(string directory, string database, string extension, DateTimeOffset now)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var final = Path.Combine(directory, $"{database}-{now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}{extension}");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (new FileStream(final + Partial, options))
            return (final + Partial, final);
    }

    /// <summary>Gives a whole backup its name, once the disk has it.</summary>
    public static void Complete(string partial, string final)
    {
        using (var written = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite))
            written.Flush(flushToDisk: true);
        File.Move(partial, final, overwrite: true);
    }

    /// <summary>Deletes a database's backups beyond number and age, never the newest, and what somebody left unfinished.</summary>
    /// <returns>The files' names.</returns>
    public static IReadOnlyList<string> Prune(string directory, string database, int keep, TimeSpan keepFor, DateTimeOffset now)
    {
        var backups = Find(directory, database).OrderByDescending(backup => backup.At).ToList();
        var over = backups.Where((backup, i) => i > 0 && (i >= keep || now - backup.At > keepFor)).Select(backup => backup.Path)
            .Concat(Directory.EnumerateFiles(directory, $"{database}-*{Partial}").Where(path => now - File.GetLastWriteTimeUtc(path) > Stale))
            .ToList();
        over.ForEach(File.Delete);
        return [.. over.Select(path => Path.GetFileName(path))];
    }

    private static IEnumerable<(string Path, DateTimeOffset At)> Find(string directory, string database)
    {
        foreach (var path in Directory.EnumerateFiles(directory))
        {
            var match = Name().Match(Path.GetFileName(path));
            if (match.Success && match.Groups["database"].Value == database
                && DateTimeOffset.TryParseExact(
                    match.Groups["at"].Value, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
                yield return (path, at);
        }
    }

    [GeneratedRegex(@"^(?<database>.+)-(?<at>\d{8}T\d{6}Z)\.(zip|dump)$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
