using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Tells whoever looks at the host's console what matters: a resource that failed and its last words, and where to go when all are up.
/// </summary>
internal sealed partial class ConsoleReporter(
    DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService loggers,
        ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("Aspire.Hosting.DistributedApplication");

    public void Start(CancellationToken cancellationToken) => _ = Task.Run(() => WatchAsync(cancellationToken), CancellationToken.None);

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var reported = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var allUp = false;
        try
        {
            await foreach (var change in notifications.WatchAsync(cancellationToken))
            {
                if (!HasFailed(change.Snapshot))
                    reported.Remove(change.ResourceId);
                else if (reported.Add(change.ResourceId))
                    _ = ReportFailureAsync(change);

                if (!allUp && IsEverythingUp())
                {
                    allUp = true;
                    var addresses = string.Concat(Addresses());
                    LogAllUp(addresses);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private static bool HasFailed(CustomResourceSnapshot snapshot) => !snapshot.StopRequested && snapshot.State?.Text is { } state
        && (state == KnownResourceStates.FailedToStart || state == KnownResourceStates.RuntimeUnhealthy
            || ((state == KnownResourceStates.Finished || state == KnownResourceStates.Exited) && snapshot.ExitCode != 0));

    private async Task ReportFailureAsync(ResourceEvent change)
    {
        var log = await ResourceReport.TailAsync(change.ResourceId, loggers);
        var text = string.Concat(log.Select(line => Environment.NewLine + "  | " + line));
        var end = change.Snapshot.State!.Text + (change.Snapshot.ExitCode is { } code ? $" with exit code {code}" : "");
        LogFailed(change.Resource.Name, end, text);
    }

    private bool IsEverythingUp() => notifications.Snapshot() is { Count: > 0 } current
        && current.Count(e => !e.Resource.IsHidden()) >= model.Resources.Count(r => !r.IsHidden())
        && current.All(e => e.Resource.IsHidden() || e.Snapshot.HealthStatus == HealthStatus.Healthy
            || e.Snapshot.State?.Text is not { } state
            || state == KnownResourceStates.NotStarted || state == KnownResourceStates.Active
            || ((state == KnownResourceStates.Finished || state == KnownResourceStates.Exited) && e.Snapshot.ExitCode == 0));

    private IEnumerable<string> Addresses() =>
        from resource in model.Resources
        where !resource.IsHidden()
        from e in notifications.FindInstances(resource.Name).Take(1)
        from url in e.Snapshot.Urls
        where !url.IsInactive && !url.IsInternal && url.Url.StartsWith("http", StringComparison.Ordinal)
        let text = url.DisplayProperties.DisplayName is { Length: > 0 } name ? $"  ({name})" : ""
        select $"{Environment.NewLine}  {resource.Name,-16} {url.Url}{text}";

    [LoggerMessage(11, LogLevel.Information, "All resources are up.{Addresses}")]
    private partial void LogAllUp(string addresses);

    [LoggerMessage(12, LogLevel.Warning, "{ResourceName} has failed: {End}. Its last lines:{Log}")]
    private partial void LogFailed(string resourceName, string end, string log);
}
