using System.Diagnostics.Metrics;

namespace Platform.Realtime;

/// <summary>Instruments of the service; the meter is called <c>Platform.Realtime</c>. No tenant is a tag: see the traces.</summary>
internal static class RealtimeTelemetry
{
    private static readonly Meter Meter = new("Platform.Realtime");

    public static readonly UpDownCounter<int> Connections =
        Meter.CreateUpDownCounter<int>("realtime.connections", "{connection}", "Open connections.");

    public static readonly Counter<long> Refused =
        Meter.CreateCounter<long>("realtime.connections.refused", "{connection}", "Connections refused because of a limit.");

    public static readonly Counter<long> Delivered =
        Meter.CreateCounter<long>("realtime.events.delivered", "{event}", "Events written to clients.");

    public static readonly Counter<long> Dropped =
        Meter.CreateCounter<long>("realtime.events.dropped", "{event}", "Events a client was too slow, or away too long, to get.");

    public static readonly Counter<long> Resyncs =
        Meter.CreateCounter<long>("realtime.resyncs", "{notice}", "Resync notices written to clients.");

    public static readonly Histogram<double> Lag =
        Meter.CreateHistogram<double>("realtime.lag", "s", "Time from publishing an event to writing it to a client.",
            advice: new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
}
