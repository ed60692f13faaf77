using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>A distributed application, ready to run or to be published.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;

    /// <summary>An application on top of a host.</summary>
    public DistributedApplication(IHost host) => _host = host;

    /// <inheritdoc/>
    public IServiceProvider Services => _host.Services;

    /// <summary>State of the resources.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Commands of the resources.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>A builder without arguments.</summary>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>A builder with command line arguments.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>A builder with options.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) =>
        new DistributedApplicationBuilder(options);

    /// <summary>Starts the application: returns when every resource that starts with it is on its way.</summary>
    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        // Publishing has no hosted service of its own to raise it from; running raises it once the orchestrator is being started.
        if (Services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode)
        {
            await Services.GetRequiredService<IDistributedApplicationEventing>().PublishAsync(
                new BeforeStartEvent(Services, Services.GetRequiredService<DistributedApplicationModel>()), cancellationToken);
        }

        await _host.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Runs until asked to stop, or publishes.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        var context = Services.GetRequiredService<DistributedApplicationExecutionContext>();
        try
        {
            await StartAsync(cancellationToken);
            if (context.IsPublishMode)
            {
                var publisher = Services.GetKeyedService<IPublisher>(context.PublisherName)
                    ?? throw new DistributedApplicationException($"There is no publisher '{context.PublisherName}'; there is 'manifest'.");
                await publisher.PublishAsync(Services.GetRequiredService<DistributedApplicationModel>(), cancellationToken);
                await StopAsync(cancellationToken);
            }
            else
            {
                await _host.WaitForShutdownAsync(cancellationToken);
            }
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>
    /// Runs until asked to stop, or publishes. What is wrong with the application is told in a sentence, not by a stack trace.
    /// </summary>
    public void Run()
    {
        if (!DistributedApplicationBuilder.IsHooked)
            Orchestration.Interrupt.Listen();
            Orchestration.RunCommand.StepBack();
        try
        {
            RunAsync().GetAwaiter().GetResult();
        }
        catch (DistributedApplicationException exception) when (!DistributedApplicationBuilder.IsHooked)
        {
            Console.Error.WriteLine($"error: {exception.Message}");
            Environment.ExitCode = 1;
        }
        catch (OperationCanceledException) when (!DistributedApplicationBuilder.IsHooked)
        {
            // Ctrl+C while starting.
        }
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _host is IAsyncDisposable disposable ? disposable.DisposeAsync() : Complete();

        ValueTask Complete()
        {
            _host.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
