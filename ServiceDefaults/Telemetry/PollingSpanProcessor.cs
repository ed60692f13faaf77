using System.Diagnostics;
using OpenTelemetry;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>
/// A database call that belongs to no request and no job is a poll, a heartbeat or a health check: several a second, for ever.
/// They are measured (the drivers' metrics), not traced; the traces of real work would drown in them.
/// </summary>
internal sealed class PollingSpanProcessor : BaseProcessor<Activity>
{
    private static readonly string[] Drivers = ["Npgsql", "OpenTelemetry.Instrumentation.StackExchangeRedis"];

    public override void OnStart(Activity data)
    {
        if (data.ParentId is not null || data.Kind != ActivityKind.Client || !Drivers.Contains(data.Source.Name))
            return;
        data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        data.IsAllDataRequested = false;
    }
}
