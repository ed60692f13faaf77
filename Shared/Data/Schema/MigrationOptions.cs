using System.ComponentModel.DataAnnotations;

namespace Platform.Data.Schema;

/// <summary>Settings of the <c>migrations</c> resource, section <c>Database</c>.</summary>
public sealed class MigrationOptions
{
    public const string Section = "Database";

    /// <summary>Password of <c>platform_app</c>, printable ASCII. No default. <c>Database__AppPassword</c></summary>
    [Required, MinLength(8), RegularExpression("^[!-~]+$", ErrorMessage = "Database:AppPassword must be printable ASCII without spaces.")]
    public string AppPassword { get; set; } = "";

    /// <summary>Password of <c>platform_queue</c>, printable ASCII. No default. <c>Database__QueuePassword</c></summary>
    [Required, MinLength(8), RegularExpression("^[!-~]+$", ErrorMessage = "Database:QueuePassword must be printable ASCII without spaces.")]
    public string QueuePassword { get; set; } = "";

    /// <summary>
    /// Password of <c>platform_backup</c>, printable ASCII. Without one there is no such role. <c>Database__BackupPassword</c>
    /// </summary>
    [MinLength(8), RegularExpression("^[!-~]+$", ErrorMessage = "Database:BackupPassword must be printable ASCII without spaces.")]
    public string? BackupPassword { get; set; }

    /// <summary>Whether to add the demo tenants, users and contacts; development only. False. <c>Demo__Seed</c></summary>
    public bool SeedDemo { get; set; }
}
