using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Copies the logs of all resources into the host's own, under <c>application.Resources.resource</c>; for
/// <c>EnableResourceLogging=true</c>.
/// </summary>
internal sealed partial class ResourceLogForwarder(
    ResourceNotificationService notifications, ResourceLoggerService resourceLoggers, ILoggerFactory loggers)
{
    public void Start(string application, CancellationToken cancellationToken) => _ = Task.Run(async () =>
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            if (seen.Add(change.ResourceId))
                _ = ForwardAsync(
                    change.ResourceId, loggers.CreateLogger($"{application}.Resources.{change.Resource.Name}"), cancellationToken);
        }
    }, cancellationToken);

    private async Task ForwardAsync(string instance, ILogger logger, CancellationToken cancellationToken)
    {
        await foreach (var batch in resourceLoggers.WatchAsync(instance).WithCancellation(cancellationToken))
        {
            foreach (var line in batch)
                LogLine(logger, line.IsErrorMessage ? LogLevel.Error : LogLevel.Information, line.LineNumber, line.Content);
        }
    }

    [LoggerMessage(EventId = 1, Message = "{LineNumber}: {Content}")]
    private static partial void LogLine(ILogger logger, LogLevel level, int lineNumber, string content);
}
