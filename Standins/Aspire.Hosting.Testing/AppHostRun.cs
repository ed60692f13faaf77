using System.Diagnostics;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// One run of an AppHost's entry point on a thread of its own, halted twice: when its builder is complete, and when its
/// application is built, until the test lets it go on.
/// </summary>
internal sealed class AppHostRun(
    Assembly appHost, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Tells the events of this run from those of others at the same time: it flows from the thread to whatever it starts.
    /// </summary>
    private static readonly AsyncLocal<AppHostRun?> Current = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _building = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _mayBuild = new(0);
    private readonly SemaphoreSlim _mayRun = new(0);
    private readonly List<IDisposable> _subscriptions = [];
    private volatile bool _abandoned;

    /// <summary>Completes when the entry point has returned, or fails as it did.</summary>
    public Task Exited => _exited.Task;

    /// <summary>Runs the entry point up to its builder.</summary>
    public async Task<DistributedApplicationBuilder> StartAsync(CancellationToken cancellationToken)
    {
        var entryPoint = appHost.EntryPoint
            ?? throw new InvalidOperationException($"The assembly '{appHost.GetName().Name}' has no entry point.");
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
        var thread = new Thread(() => Run(entryPoint)) { IsBackground = true, Name = "AppHost" };
        thread.Start();
        return await FirstAsync(_building.Task, cancellationToken);
    }

    /// <summary>Lets the builder build.</summary>
    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.Release();
        return FirstAsync(_built.Task, cancellationToken);
    }

    /// <summary>Lets the application run.</summary>
    public void Proceed() => _mayRun.Release();

    /// <summary>Unwinds an entry point that is halted.</summary>
    public async Task AbandonAsync()
    {
        _abandoned = true;
        _mayBuild.Release();
        _mayRun.Release();
        await _exited.Task.ContinueWith(_ => { }, TaskScheduler.Default);
        Dispose();
    }

    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
            subscription.Dispose();
    }

    void IObserver<DiagnosticListener>.OnNext(DiagnosticListener value)
    {
        if (value.Name == "Aspire.Hosting")
            _subscriptions.Add(value.Subscribe(this));
    }

    void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> value)
    {
        if (Current.Value != this)
            return;

        switch (value.Value)
        {
            case (DistributedApplicationOptions options, HostApplicationBuilderSettings settings):
                options.AssemblyName = appHost.GetName().Name;
                options.Args ??= args;
                settings.Configuration!.AddInMemoryCollection(TestDefaults.Configuration(appHost));
                configure(options, settings);
                break;
            case DistributedApplicationBuilder builder when value.Key == "DistributedApplicationBuilding":
                _building.TrySetResult(builder);
                Halt(_mayBuild);
                break;
            case DistributedApplication application:
                _built.TrySetResult(application);
                Halt(_mayRun);
                break;
        }
    }

    void IObserver<DiagnosticListener>.OnCompleted()
    {
    }

    void IObserver<DiagnosticListener>.OnError(Exception error)
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnCompleted()
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnError(Exception error)
    {
    }

    private void Halt(SemaphoreSlim until)
    {
        until.Wait();
        if (_abandoned)
            throw new AbandonedException();
    }

    private void Run(MethodInfo entryPoint)
    {
        Current.Value = this;
        try
        {
            entryPoint.Invoke(null, BindingFlags.DoNotWrapExceptions, null, entryPoint.GetParameters().Length == 0 ? [] : [args], null);
            _exited.TrySetResult();
        }
        catch (AbandonedException)
        {
            _exited.TrySetResult();
        }
        catch (Exception exception)
        {
            _exited.TrySetException(exception);
        }
    }

    /// <summary>The awaited moment, or the entry point's failure if that comes first.</summary>
    private async Task<T> FirstAsync<T>(Task<T> awaited, CancellationToken cancellationToken)
    {
        var first = await Task.WhenAny(awaited, _exited.Task).WaitAsync(BuildTimeout, cancellationToken);
        if (first == awaited)
            return await awaited;
        if (_exited.Task.Exception?.InnerException is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        throw new InvalidOperationException(
            $"The entry point of '{appHost.GetName().Name}' ended without building and running an application.");
    }

    private sealed class AbandonedException : Exception;
}
