using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Evaluates a resource's environment variables and arguments as of now.</summary>
internal static class ExecutionConfiguration
{
    public static async Task<Dictionary<string, string>> EnvironmentOfAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
            await annotation.Callback(context);

        var variables = new Dictionary<string, string>();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            try
            {
                if (await ResolveAsync(value, resource, execution, cancellationToken) is { } text)
                    variables[name] = text;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new DistributedApplicationException(
                    $"The environment variable '{name}' of '{resource.Name}' has no value: {exception.Message}", exception);
            }
        }

        return variables;
    }

    public static async Task<List<string>> ArgumentsOfAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], resource, cancellationToken) { ExecutionContext = execution, Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
            await annotation.Callback(context);

        var args = new List<string>();
        foreach (var arg in context.Args)
        {
            if (await ResolveAsync(arg, resource, execution, cancellationToken) is { } text)
                args.Add(text);
        }

        return args;
    }

    /// <summary>The text of a string, a value, a builder of a value, or anything else that can be written down.</summary>
    public static async ValueTask<string?> ResolveAsync(
        object? value, IResource caller, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken) =>
            value switch
        {
            null => null,
            string text => text,
            IValueProvider provider => await provider.GetValueAsync(
                new ValueProviderContext { Caller = caller, ExecutionContext = execution }, cancellationToken),
            IResourceBuilder<IResource> builder => await ResolveAsync(builder.Resource, caller, execution, cancellationToken),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString(),
        };
}
