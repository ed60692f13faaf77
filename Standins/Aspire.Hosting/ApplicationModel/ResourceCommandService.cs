namespace Aspire.Hosting.ApplicationModel;

/// <summary>Executes the commands of resources.</summary>
public class ResourceCommandService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;

    internal ResourceCommandService(ResourceNotificationService notifications, ResourceLoggerService loggers, IServiceProvider services)
    {
        _notifications = notifications;
        _loggers = loggers;
        _services = services;
    }

    /// <summary>Executes a command of an instance, or of the resource of that name.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (_notifications.FindInstance(resourceId) is { } instance)
            return await ExecuteAsync(instance.Resource, instance.ResourceId, commandName, cancellationToken);
        if (_notifications.FindInstances(resourceId) is [var first, ..])
            return await ExecuteCommandAsync(first.Resource, commandName, cancellationToken);
        return CommandResults.Failure($"There is no resource '{resourceId}'.");
    }

    /// <summary>Executes a command of all instances of a resource, at the same time.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        var results = await Task.WhenAll(ResourceNotificationService.InstanceNames(resource).Select(id =>
            ExecuteAsync(resource, id, commandName, cancellationToken)));
        return results.FirstOrDefault(r => !r.Success) ?? results[0];
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(
        IResource resource, string resourceId, string commandName, CancellationToken cancellationToken)
    {
        var logger = _loggers.GetLogger(resourceId);
        if (resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(c => c.Name == commandName) is not { } command)
            return CommandResults.Failure($"The resource '{resource.Name}' has no command '{commandName}'.");

        try
        {
            logger.ExecutingCommand(commandName);
            var result = await command.ExecuteCommand(new ExecuteCommandContext
            {
                ServiceProvider = _services,
                ResourceName = resourceId,
                CancellationToken = cancellationToken,
                Logger = logger,
            });

            if (result is { Success: false, Canceled: false })
                logger.CommandFailed(commandName, result.ErrorMessage);
            return result;
        }
        catch (OperationCanceledException)
        {
            return CommandResults.Canceled();
        }
        catch (Exception exception)
        {
            logger.CommandFailed(commandName, exception.Message, exception);
            return CommandResults.Failure(exception);
        }
    }
}
