namespace Platform.Jobs.Tests;

/// <summary>A job whose handler the test writes.</summary>
[Job("test.work", Queue = "work", MaxAttempts = 3, BackoffSeconds = 0.05)]
public sealed record Work(int Number, string? Name = null);

/// <summary>The same in a lane that a dead job blocks.</summary>
[Job("test.careful", Queue = "work", MaxAttempts = 1, BlocksLane = true)]
public sealed record CarefulWork(int Number);

/// <summary>A job with slow retries.</summary>
[Job("test.patient", Queue = "work", MaxAttempts = 5, BackoffSeconds = 100)]
public sealed record PatientWork(int Number);

/// <summary>A type nobody handles.</summary>
[Job("test.unknown", Queue = "work", MaxAttempts = 1)]
public sealed record UnknownWork(int Number);

/// <summary>A job that takes at most a second.</summary>
[Job("test.brief", Queue = "work", MaxAttempts = 1, TimeoutSeconds = 1)]
public sealed record BriefWork(int Number);

/// <summary>A type that goes first.</summary>
[Job("test.urgent", Queue = "work", Priority = 10)]
public sealed record UrgentWork(int Number);

/// <summary>What follows a batch.</summary>
[Job("test.completion", Queue = "work", MaxAttempts = 3, BackoffSeconds = 0.05)]
public sealed record Completion(string Name);
