using System.Collections.Concurrent;
using System.Diagnostics;

namespace Platform.Web.Tests.Hosting;

/// <summary>The front end's own spans that finished while it lives.</summary>
internal sealed class TraceRecorder : IDisposable
{
    private readonly ActivityListener _listener;

    public TraceRecorder()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Platform.Web",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => Finished.Enqueue((span.OperationName, span.TraceId.ToString(), span.GetTagItem("tenant.id") as string)),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ConcurrentQueue<(string Name, string Trace, string? Tenant)> Finished { get; } = new();

    public void Dispose() => _listener.Dispose();
}
