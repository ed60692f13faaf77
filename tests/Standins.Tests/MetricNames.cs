using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Platform.Standins.Tests;

/// <summary>Keeps the names of the metrics that were exported.</summary>
internal sealed class MetricNames(List<string> names) : BaseExporter<Metric>
{
    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (var metric in batch)
            names.Add(metric.Name);
        return ExportResult.Success;
    }
}
