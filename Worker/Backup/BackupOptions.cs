using System.ComponentModel.DataAnnotations;

namespace Platform.Worker.Backup;

/// <summary>Where backups go and how long they stay; section <c>Backup</c>.</summary>
internal sealed class BackupOptions
{
    public const string Section = "Backup";

    /// <summary>The folder backups are written to. None by default: there are no backups.</summary>
    public string? Directory { get; set; }

    /// <summary>When backups are made, as a cron expression in UTC, if there is a folder; empty for never. Default daily.</summary>
    [MaxLength(200)]
    public string Schedule { get; set; } = "20 2 * * *";

    /// <summary>How many backups of a database are kept. Default 14.</summary>
    [Range(1, 10_000)]
    public int Keep { get; set; } = 14;

    /// <summary>How old a backup may become; the newest is kept in any case. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the backup of one database may take. Default 2 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>
    /// The folder that has pg_dump and pg_restore. By default they are looked for on the PATH; a pg_dump older than the server isn't used.
    /// </summary>
    public string? ToolsDirectory { get; set; }

    /// <summary>Whether to use pg_dump where there is a fitting one; without, the platform's own export is made. Default true.</summary>
    public bool UsePgDump { get; set; } = true;
}
