namespace Platform.Worker.Backup;

/// <summary>What an archive has; its last entry, so an archive without one was never finished.</summary>
/// <param name="Format">Of the archive.</param>
/// <param name="CreatedAt">When the snapshot was taken, by the database's clock.</param>
/// <param name="Migrations">The schema the rows are of.</param>
internal sealed record BackupManifest(
    int Format, DateTimeOffset CreatedAt, string Database, string ServerVersion, IReadOnlyList<BackupMigration> Migrations,
    IReadOnlyList<BackupTable> Tables, IReadOnlyList<BackupSequence> Sequences)
{
    public const int CurrentFormat = 1;

    public const string EntryName = "manifest.json";
}
