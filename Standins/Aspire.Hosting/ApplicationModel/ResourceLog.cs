using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What the host writes into the logs of resources.</summary>
internal static partial class ResourceLog
{
    [LoggerMessage(1, LogLevel.Information, "Waiting for resource '{ResourceName}' to become healthy.")]
    public static partial void WaitingForHealthy(this ILogger logger, string resourceName);

    [LoggerMessage(2, LogLevel.Information, "Waiting for resource '{ResourceName}' to enter the 'Running' state.")]
    public static partial void WaitingForRunning(this ILogger logger, string resourceName);

    [LoggerMessage(3, LogLevel.Information, "Waiting for resource '{ResourceName}' to complete.")]
    public static partial void WaitingForCompletion(this ILogger logger, string resourceName);

    [LoggerMessage(4, LogLevel.Information, "Finished waiting for resource '{ResourceName}'.")]
    public static partial void FinishedWaiting(this ILogger logger, string resourceName);

    [LoggerMessage(5, LogLevel.Information, "Executing command '{CommandName}'.")]
    public static partial void ExecutingCommand(this ILogger logger, string commandName);

    [LoggerMessage(6, LogLevel.Error, "Command '{CommandName}' failed: {ErrorMessage}")]
    public static partial void CommandFailed(this ILogger logger, string commandName, string? errorMessage, Exception? exception = null);

    [LoggerMessage(7, LogLevel.Error, "Could not be started: {Reason}")]
    public static partial void FailedToStart(this ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Error, "A subscriber of {EventName} failed.")]
    public static partial void HandlerFailed(this ILogger logger, string eventName, Exception exception);
}
