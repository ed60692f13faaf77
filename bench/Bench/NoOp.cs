using Platform.Jobs;

namespace Platform.Bench;

/// <summary>A job that does nothing.</summary>
[Job("bench.noop", Queue = "bench")]
internal sealed record NoOp(long Number);
