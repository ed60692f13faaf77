using Platform.Jobs;

namespace Platform.Bench;

/// <summary>The next step of a lane, or one of the steps without a lane, whose lane is below 0; leaves a mark of having been done.</summary>
[Job("bench.step", Queue = "bench", MaxAttempts = 100, BackoffSeconds = 0.02)]
internal sealed record Step(int Lane, int Number);
