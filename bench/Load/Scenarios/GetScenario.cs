using Platform.Load.Generator;

namespace Platform.Load.Scenarios;

/// <summary>The generator alone, against whatever listens on this machine.</summary>
internal static class GetScenario
{
    public static async Task<int> RunAsync(Uri url, LoadSettings settings)
    {
        var result = await LoadDriver.RunAsync(new LoadPlan
        {
            Targets = [url.GetLeftPart(UriPartial.Authority)],
            Requests = [new(url.PathAndQuery, settings.Text("--token"))],
            Connections = settings.Connections,
            Rate = settings.Text("--rate") is null ? null : settings.Number("--rate", 0),
            WarmUpSeconds = settings.Number("--warm-up", 2),
            Seconds = settings.Number("--seconds", 10),
        });
        Report.Result(url.PathAndQuery, result);
        return result.AllOk ? 0 : 1;
    }
}
