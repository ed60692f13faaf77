using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Platform.Events;

/// <summary>Spans and instruments of the event bus; source and meter are called <c>Platform.Events</c>.</summary>
internal static class EventsTelemetry
{
    public const string Name = "Platform.Events";

    public static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Published =
        Meter.CreateCounter<long>("events.published", "{event}", "Events given a number and published.");

    public static readonly Counter<long> Lost =
        Meter.CreateCounter<long>("events.lost", "{event}", "Events that couldn't be published.");

    public static readonly Counter<long> Received =
        Meter.CreateCounter<long>("events.received", "{event}", "Events handed to this process's listeners, in order.");

    public static readonly Counter<long> BackFilled =
        Meter.CreateCounter<long>("events.backfilled", "{event}", "Events the subscription missed and the window still had.");

    public static readonly Counter<long> Gaps =
        Meter.CreateCounter<long>("events.gaps", "{gap}", "Gaps the window could not fill.");

    public static readonly Histogram<double> Lag =
        Meter.CreateHistogram<double>("events.lag", "s", "Time from publishing to handing over.",
            advice: new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });

    /// <summary>The span of publishing, a child of what caused the event.</summary>
    public static Activity? StartPublish(string tenant, TenantEvent tenantEvent) =>
        Tag(Source.StartActivity($"publish {tenantEvent.Type}", ActivityKind.Producer), tenant, "send", tenantEvent.Type);

    /// <summary>The span of handing over, in the trace of what caused the event.</summary>
    public static Activity? StartReceive(string tenant, EventEnvelope envelope)
    {
        if (!ActivityContext.TryParse(envelope.TraceParent, null, isRemote: true, out var parent))
            return null; // Without a cause a trace of its own would be noise.
        var activity = Source.StartActivity($"receive {envelope.Type}", ActivityKind.Consumer, parent);
        activity?.SetTag("messaging.message.id", envelope.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return Tag(activity, tenant, "process", envelope.Type);
    }

    private static Activity? Tag(Activity? activity, string tenant, string operation, string type)
    {
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("messaging.system", "redis");
            activity.SetTag("messaging.destination.name", "tenant-events");
            activity.SetTag("messaging.operation.type", operation);
            activity.SetTag("platform.event.type", type);
            activity.SetTag("tenant.id", tenant);
        }
        return activity;
    }
}
