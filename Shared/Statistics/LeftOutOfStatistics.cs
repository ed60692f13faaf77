namespace Platform.Statistics;

internal sealed class LeftOutOfStatistics
{
    public static readonly LeftOutOfStatistics Instance = new();
}
