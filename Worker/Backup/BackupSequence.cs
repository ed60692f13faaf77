namespace Platform.Worker.Backup;

/// <summary>Where a sequence stands.</summary>
/// <param name="LastValue">Null for one nobody has used.</param>
internal sealed record BackupSequence(string Schema, string Name, long? LastValue);
