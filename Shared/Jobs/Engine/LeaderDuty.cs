namespace Platform.Jobs.Engine;

/// <summary>What the leader does beside its jobs.</summary>
internal abstract class LeaderDuty
{
    /// <summary>Runs until it loses the lead. A failure is logged, and the duty taken up again.</summary>
    public abstract Task RunAsync(CancellationToken lead);
}
