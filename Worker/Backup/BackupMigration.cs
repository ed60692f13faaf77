namespace Platform.Worker.Backup;

/// <summary>A migration that the database had.</summary>
internal sealed record BackupMigration(string Source, int Version, string Checksum);
