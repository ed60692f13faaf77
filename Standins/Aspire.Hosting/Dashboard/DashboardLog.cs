using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>Brings the dashboard's warnings and errors to the host's own log, since its resource is hidden from view.</summary>
internal static partial class DashboardLog
{
    private const string Category = "Aspire.Hosting.Dashboard";

    public static async Task ForwardAsync(
        IResource dashboard, ResourceNotificationService notifications, ResourceLoggerService resourceLoggers, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        try
        {
            // Its instance has a name only once something is known of it.
            var instance = "";
            await foreach (var change in notifications.WatchAsync(cancellationToken))
            {
                if (change.Resource != dashboard) continue;
                instance = change.ResourceId;
                break;
            }
            await foreach (var lines in resourceLoggers.WatchAsync(instance).WithCancellation(cancellationToken))
            {
                foreach (var line in lines) Forward(line, loggers);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    internal static void Forward(LogLine line, ILoggerFactory loggers)
    {
        // Every line starts with its time; what the host itself says about the resource is no JSON.
        var json = line.Content.IndexOf('{', StringComparison.Ordinal);
        if (json < 0) return;
        try
        {
            using var entry = JsonDocument.Parse(line.Content.AsMemory(json));
            var level = Enum.TryParse<LogLevel>(Text(entry, "LogLevel"), out var parsed) ? parsed : LogLevel.Information;
            if (level < LogLevel.Warning) return;
            var logger = loggers.CreateLogger($"{Category}.{Text(entry, "Category")}");
            var message = Text(entry, "Message");
            if (Text(entry, "Exception") is { Length: > 0 } exception) message += Environment.NewLine + exception;
            Log(logger, level, message);
        }
        catch (JsonException)
        {
        }
    }

    private static string Text(JsonDocument entry, string property) =>
        entry.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(property, out var value) ? value.ToString() : "";

    [LoggerMessage(EventId = 1, Message = "{Message}")]
    private static partial void Log(ILogger logger, LogLevel level, string message);
}
