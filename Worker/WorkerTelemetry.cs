using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Platform.Worker;

/// <summary>The Worker's own spans and figures.</summary>
internal static class WorkerTelemetry
{
    public const string Name = "Platform.Worker";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Label <c>outcome</c>: imported or rejected.</summary>
    public static readonly Counter<long> ImportRows = Meter.CreateCounter<long>("import_rows_total", "{row}", "Rows of imported contact files.");
}
