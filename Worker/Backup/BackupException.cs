namespace Platform.Worker.Backup;

/// <summary>A backup can't be made or restored; the message says why, without secrets.</summary>
internal sealed class BackupException(string message, Exception? innerException = null) : Exception(message, innerException);
