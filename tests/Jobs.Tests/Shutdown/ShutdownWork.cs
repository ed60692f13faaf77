namespace Platform.Jobs.Tests.Shutdown;

/// <summary>A job that takes its time.</summary>
/// <param name="IsDeaf">Whether its handler ignores that it is asked to stop.</param>
[Job("test.shutdown", Queue = "shutdown", MaxAttempts = 1)]
public sealed record ShutdownWork(int Milliseconds, bool IsDeaf = false);
