using System.Globalization;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says in text how resources are: state, exit code, health, what they wait for, last log lines.</summary>
internal static class ResourceReport
{
    private const int TailLines = 15;
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(2);

    public static Task<string> AllAsync(ResourceNotificationService notifications, ResourceLoggerService loggers) =>
        DescribeAsync(notifications.Snapshot().Where(e => e.Resource is not ParameterResource), loggers);

    public static Task<string> ForAsync(
        IEnumerable<IResource> resources, ResourceNotificationService notifications, ResourceLoggerService loggers) =>
        DescribeAsync(resources.SelectMany(r => notifications.FindInstances(r.Name)), loggers);

    private static async Task<string> DescribeAsync(IEnumerable<ResourceEvent> events, ResourceLoggerService loggers)
    {
        var described = await Task.WhenAll(events.Select(e => DescribeAsync(e, loggers)));
        return string.Join(Environment.NewLine, described);
    }

    private static async Task<string> DescribeAsync(ResourceEvent e, ResourceLoggerService loggers)
    {
        var snapshot = e.Snapshot;
        var text = new StringBuilder($"{e.ResourceId}: {snapshot.State?.Text ?? "no state"}");
        if (snapshot.ExitCode is { } code)
            text.Append(CultureInfo.InvariantCulture, $", exit code {code}");
        if (snapshot.HealthStatus is { } health)
            text.Append(CultureInfo.InvariantCulture, $", {health}");
        if (snapshot.Properties.FirstOrDefault(p => p.Name == "resource.waitingFor")?.Value is { } awaited)
            text.Append(CultureInfo.InvariantCulture, $", waiting for {awaited}");
        foreach (var report in snapshot.HealthReports.Where(r => r.Status is not HealthStatus.Healthy))
            text.AppendLine().Append(
                CultureInfo.InvariantCulture, $"  health check {report.Name}: {report.Status?.ToString() ?? "not run yet"} {report.Description}");
        foreach (var line in await TailAsync(e.ResourceId, loggers))
            text.AppendLine().Append("  | ").Append(line);
        return text.ToString();
    }

    public static async Task<IReadOnlyList<string>> TailAsync(string resourceId, ResourceLoggerService loggers)
    {
        var lines = new Queue<string>();
        try
        {
            using var timeout = new CancellationTokenSource(LogTimeout);
            await foreach (var batch in loggers.GetAllAsync(resourceId).WithCancellation(timeout.Token))
            {
                foreach (var line in batch)
                {
                    lines.Enqueue(line.Content);
                    if (lines.Count > TailLines)
                        lines.Dequeue();
                }
            }
        }
        catch (Exception exception)
        {
            // A report is written when things are broken; half of one is better than none.
            lines.Enqueue($"(log not available: {exception.Message})");
        }

        return [.. lines];
    }
}
