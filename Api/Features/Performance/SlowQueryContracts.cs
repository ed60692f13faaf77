namespace Platform.Api.Features.Performance;

/// <param name="Available">False when the database keeps no such figures; the list is empty then.</param>
internal sealed record SlowQueries(bool Available, IReadOnlyList<SlowQuery> Queries);

/// <summary>A statement, since the database's statistics were last reset. Times are milliseconds.</summary>
/// <param name="Query">Without its constants, 2,000 characters at most.</param>
/// <param name="Rows">Returned or changed, by all calls together.</param>
/// <param name="BlocksHit">Blocks (8 KB) found in the database's memory.</param>
/// <param name="BlocksRead">Blocks that had to be fetched.</param>
internal sealed record SlowQuery(
    string Query, long Calls, double TotalMs, double MeanMs, double MaxMs, long Rows, long BlocksHit, long BlocksRead);
