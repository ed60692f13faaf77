using System.Diagnostics;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>
/// W3C <c>traceparent</c> and <c>tracestate</c> only. Baggage is neither taken from callers nor sent on: it would reach
/// third parties with every outgoing request.
/// </summary>
internal sealed class TraceContextPropagator : DistributedContextPropagator
{
    private static readonly DistributedContextPropagator Inner = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields { get; } = ["traceparent", "tracestate"];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (setter is null)
            return;
        Inner.Inject(activity, carrier, (target, name, value) =>
        {
            if (Fields.Contains(name))
                setter(target, name, value);
        });
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        Inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
