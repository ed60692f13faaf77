using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests;

/// <summary>Keeps the spans an exporter would get. The process has one set of sources, so tests look by trace.</summary>
internal sealed class Spans : BaseProcessor<Activity>
{
    private readonly ConcurrentQueue<Activity> _ended = new();

    public IReadOnlyCollection<Activity> All => _ended;

    public override void OnEnd(Activity data)
    {
        if (data.Recorded)
            _ended.Enqueue(data);
    }

    public Activity[] Of(ActivityTraceId trace) => [.. _ended.Where(span => span.TraceId == trace)];

    /// <summary>The span of the request itself: it ends a moment after the client has its answer.</summary>
    public async Task<Activity> ServerAsync(ActivityTraceId trace)
    {
        await Eventually.TrueAsync(() => Of(trace).Any(span => span.Kind == ActivityKind.Server), message: "No server span.");
        return Of(trace).Single(span => span.Kind == ActivityKind.Server);
    }
}
