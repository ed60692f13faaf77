namespace Platform.Worker.Backup;

/// <summary>A backup that was made.</summary>
/// <param name="Rows">Of all tables; null where pg_dump made it, which doesn't say.</param>
/// <param name="Deleted">Earlier ones that are past their retention.</param>
internal sealed record BackupResult(string File, long Bytes, long? Rows, IReadOnlyList<string> Deleted);
