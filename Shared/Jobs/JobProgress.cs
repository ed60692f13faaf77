namespace Platform.Jobs;

/// <summary>How far a job is.</summary>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 while unknown.</param>
/// <param name="Percent">0 to 100.</param>
public sealed record JobProgress(long Done, long Total, int Percent);
