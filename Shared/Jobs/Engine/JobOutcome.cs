namespace Platform.Jobs.Engine;

/// <summary>How a run ended and what becomes of the job.</summary>
/// <param name="State">A finished state; null when the job goes back into the queue.</param>
/// <param name="Error">What went wrong; null for success, for cancellation and for a run that doesn't count.</param>
/// <param name="Detail">The exception, for operators.</param>
/// <param name="Result">The handler's result as JSON.</param>
/// <param name="Delay">For a job that goes back: how long it waits.</param>
/// <param name="WasTold">Whether anybody was told that it runs.</param>
internal sealed record JobOutcome(
    ClaimedJob Job,
    string? State,
    string? Error = null,
    string? Detail = null,
    string? Result = null,
    TimeSpan Delay = default,
    JobProgress? Progress = null,
    string? TraceParent = null,
    bool WasTold = false)
{
    /// <summary>The value of the metrics' outcome label.</summary>
    public string Name => State ?? (Error is null ? "released" : JobStates.Retrying);

    /// <summary>
    /// The state of the job from now on, as its status gives it; null when there is nothing to tell: it goes back at once, and nobody knows
    /// that it ran.
    /// </summary>
    public string? Told =>
        State is not null || Error is not null ? Name
        : Delay <= TimeSpan.Zero && !WasTold ? null
        : Job.Attempt > 1 ? JobStates.Retrying
        : Delay > TimeSpan.Zero ? JobStates.Scheduled : JobStates.Available;
}
