using Platform.Jobs;

namespace Platform.Bench;

/// <summary>The next step of a lane; leaves a mark of having been done.</summary>
[Job("bench.step", Queue = "bench", MaxAttempts = 100, BackoffSeconds = 0.02)]
internal sealed record Step(int Lane, int Number);
