namespace Platform.Bench;

/// <summary>The rivals' figures of a run's rounds.</summary>
internal sealed class RivalFigures(IReadOnlyList<RivalKind> kinds)
{
    private readonly Dictionary<RivalKind, (List<double> Rates, List<(double, double)> Costs)> _figures =
        kinds.ToDictionary(k => k, _ => (new List<double>(), new List<(double, double)>()));

    /// <summary>One round of all of them, each on an empty database.</summary>
    public async Task RoundAsync(BenchServer server, Func<Rival, Task<(double Rate, (double, double) Cost)>> measure)
    {
        foreach (var (kind, (rates, costs)) in _figures)
        {
            await using var rival = await Rival.StartAsync(kind, server);
            var (rate, cost) = await measure(rival);
            rates.Add(rate);
            costs.Add(cost);
        }
    }

    public void ShowRates(Func<RivalKind, string> title)
    {
        foreach (var (kind, (rates, _)) in _figures)
            Report.Rates(title(kind), rates);
    }

    /// <summary>Ours beside graphile-worker's, against the mark.</summary>
    public void ShowRatio(string title, IReadOnlyList<double> ours, double mark)
    {
        if (_figures.TryGetValue(RivalKind.Graphile, out var graphile))
            Report.Ratio(title, Report.Median(ours) / Report.Median(graphile.Rates), mark);
    }

    public void ShowCosts()
    {
        foreach (var (kind, (_, costs)) in _figures)
            Report.Costs(kind.Title, costs, kind.OnRedis ? "Redis" : "Postgres");
    }
}
