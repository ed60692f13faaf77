using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The names of the commands every process and container has.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts it.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops it.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops and starts it.</summary>
    public static readonly string RestartCommand = "restart";
}

/// <summary>A command of a resource.</summary>
public sealed class ResourceCommandAnnotation(
    string name, string displayName, Func<UpdateCommandStateContext, ResourceCommandState> updateState,
    Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, string? displayDescription, object? parameter,
    string? confirmationMessage, string? iconName, IconVariant? iconVariant, bool isHighlighted) : IResourceAnnotation
{
    /// <summary>Unique in the resource.</summary>
    public string Name { get; } = name;

    /// <summary>Shown.</summary>
    public string DisplayName { get; } = displayName;

    /// <summary>Whether it is offered, given the resource's state.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState { get; } = updateState;

    /// <summary>Does it.</summary>
    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; } = executeCommand;

    /// <summary>Shown as a tooltip.</summary>
    public string? DisplayDescription { get; } = displayDescription;

    /// <summary>Handed through to clients.</summary>
    public object? Parameter { get; } = parameter;

    /// <summary>Asked before it is done.</summary>
    public string? ConfirmationMessage { get; } = confirmationMessage;

    /// <summary>Of the Fluent icon set.</summary>
    public string? IconName { get; } = iconName;

    /// <summary>Filled or outlined.</summary>
    public IconVariant? IconVariant { get; } = iconVariant;

    /// <summary>Shown beside the resource, not only in its menu.</summary>
    public bool IsHighlighted { get; } = isHighlighted;
}

/// <summary>How a command looks and when it is offered.</summary>
public class CommandOptions
{
    /// <summary>Shown as a tooltip.</summary>
    public string? Description { get; set; }

    /// <summary>Handed through to clients.</summary>
    public object? Parameter { get; set; }

    /// <summary>Asked before it is done.</summary>
    public string? ConfirmationMessage { get; set; }

    /// <summary>Of the Fluent icon set.</summary>
    public string? IconName { get; set; }

    /// <summary>Filled or outlined.</summary>
    public IconVariant? IconVariant { get; set; }

    /// <summary>Shown beside the resource, not only in its menu.</summary>
    public bool IsHighlighted { get; set; }

    /// <summary>Whether it is offered, given the resource's state; always when null.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

/// <summary>Given to a command when it is executed.</summary>
public sealed class ExecuteCommandContext
{
    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The instance's name.</summary>
    public required string ResourceName { get; init; }

    /// <summary>The caller gave up.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>Writes to the resource's log.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}

/// <summary>How a command ended.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>It did what it should.</summary>
    public required bool Success { get; init; }

    /// <summary>The user changed their mind.</summary>
    public bool Canceled { get; init; }

    /// <summary>What went wrong.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Shown in either case.</summary>
    public string? Message { get; init; }
}

/// <summary>Makes results.</summary>
public static class CommandResults
{
    /// <summary>It did what it should.</summary>
    public static ExecuteCommandResult Success() => new() { Success = true };

    /// <summary>It did not.</summary>
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, ErrorMessage = errorMessage };

    /// <summary>It did not.</summary>
    public static ExecuteCommandResult Failure(Exception exception) => Failure(exception.Message);

    /// <summary>The user changed their mind.</summary>
    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}

/// <summary>Given to a command to decide whether it is offered.</summary>
public sealed class UpdateCommandStateContext
{
    /// <summary>The resource as it is now.</summary>
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }

    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }
}

/// <summary>How an HTTP command looks and what it sends.</summary>
public class HttpCommandOptions : CommandOptions
{
    /// <summary>The endpoint; the resource's http or https one when null.</summary>
    public Func<EndpointReference>? EndpointSelector { get; set; }

    /// <summary>POST when null.</summary>
    public HttpMethod? Method { get; set; }

    /// <summary>A named client of the application's services.</summary>
    public string? HttpClientName { get; set; }

    /// <summary>Completes the request: headers, body.</summary>
    public Func<HttpCommandRequestContext, Task>? PrepareRequest { get; set; }

    /// <summary>Judges the response; by its status code when null.</summary>
    public Func<HttpCommandResultContext, Task<ExecuteCommandResult>>? GetCommandResult { get; set; }
}

/// <summary>Given to <see cref="HttpCommandOptions.PrepareRequest"/>.</summary>
public sealed class HttpCommandRequestContext
{
    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The instance's name.</summary>
    public required string ResourceName { get; init; }

    /// <summary>The endpoint the request goes to.</summary>
    public required EndpointReference Endpoint { get; init; }

    /// <summary>The caller gave up.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>Sends the request.</summary>
    public required HttpClient HttpClient { get; init; }

    /// <summary>The request.</summary>
    public required HttpRequestMessage Request { get; init; }
}

/// <summary>Given to <see cref="HttpCommandOptions.GetCommandResult"/>.</summary>
public sealed class HttpCommandResultContext
{
    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The instance's name.</summary>
    public required string ResourceName { get; init; }

    /// <summary>The endpoint the request went to.</summary>
    public required EndpointReference Endpoint { get; init; }

    /// <summary>The caller gave up.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>The response.</summary>
    public required HttpResponseMessage Response { get; init; }
}
