namespace Platform.Jobs.Tests.Shutdown;

/// <summary>A step of a lane; its lane is its options'.</summary>
[Job("test.lane_step", Queue = "shutdown", MaxAttempts = 10, BackoffSeconds = 0.05)]
public sealed record LaneStep(int Number);
