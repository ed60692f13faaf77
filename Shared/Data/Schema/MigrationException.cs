namespace Platform.Data.Schema;

/// <summary>The database can't be brought to this version of the software; the message says why and what to do.</summary>
public sealed class MigrationException(string message, Exception? innerException = null) : Exception(message, innerException);
