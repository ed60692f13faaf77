namespace Platform.Jobs;

/// <param name="Jobs">Newest first. A filter that fits few jobs can leave it short, or empty, though <paramref name="Next"/> says
/// there is more: one call looks at ten thousand jobs at most.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record JobSearchResult(IReadOnlyList<JobSummary> Jobs, Guid? Next);
