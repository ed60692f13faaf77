namespace Platform.Jobs.Upkeep;

/// <summary>A histogram's buckets that aren't empty.</summary>
/// <param name="Counts">How many are in each.</param>
/// <param name="Seconds">All together.</param>
internal readonly record struct DurationCounts(short[] Buckets, long[] Counts, double Seconds);
