using Platform.Jobs;

namespace Platform.Bench;

/// <summary>A job that takes its time.</summary>
/// <param name="IsDeaf">Whether its handler ignores that it is asked to stop.</param>
[Job("bench.nap", Queue = "bench", MaxAttempts = 1)]
internal sealed record Nap(int Milliseconds, bool IsDeaf = false);
