namespace Platform.Data.Schema;

/// <summary>The database roles.</summary>
public static class PlatformRoles
{
    /// <summary>Owns every table; nobody signs in as it, only migrations become it.</summary>
    public const string Owner = "platform_owner";

    /// <summary>The services: forced row-level security, no ownership, no bypass.</summary>
    public const string App = "platform_app";

    /// <summary>The queue engine: sees the jobs of all tenants and nothing else.</summary>
    public const string Queue = "platform_queue";

    /// <summary>Backups, where they are configured: reads every row past the policies, writes none.</summary>
    public const string Backup = "platform_backup";
}
