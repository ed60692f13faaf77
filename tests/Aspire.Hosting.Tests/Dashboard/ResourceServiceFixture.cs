using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Tests.Dashboard;

/// <summary>The resource service on a free port, over resources that tests publish to.</summary>
internal sealed class ResourceServiceFixture : IAsyncDisposable
{
    public const string ApiKey = "0123456789abcdef0123456789abcdef";

    private readonly Dictionary<string, ProjectResource> _resources = [];
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ResourceNotificationService _notifications;
    private readonly Task _feeding;
    private readonly ResourceFeed _feed;
    private ResourceServiceServer _server = null!;

    private ResourceServiceFixture()
    {
        _notifications = new ResourceNotificationService(
            NullLogger<ResourceNotificationService>.Instance, _services, Loggers, WaitBehavior.WaitOnResourceUnavailable);
        _feed = new ResourceFeed(_notifications);
        _feeding = _feed.RunAsync(_stopping.Token);
    }

    public ResourceLoggerService Loggers { get; } = new();

    public Uri Address => _server.Address;

    public GrpcTestClient Client { get; private set; } = null!;

    public static async Task<ResourceServiceFixture> StartAsync()
    {
        var fixture = new ResourceServiceFixture();
        var commands = new ResourceCommandService(fixture._notifications, fixture.Loggers, fixture._services);
        var service = new ResourceService(fixture._feed, fixture.Loggers, commands, "Shop");
        fixture._server = await ResourceServiceServer.StartAsync(service, ApiKey, 0, NullLoggerFactory.Instance, default);
        fixture.Client = new GrpcTestClient(fixture._server.Address, ApiKey);
        return fixture;
    }

    public ProjectResource Resource(string name) => _resources.TryGetValue(name, out var known) ? known : _resources[name] = Create(name);

    public string InstanceName(string name) => Resource(name).Annotations.OfType<InstancesAnnotation>().Single().Names[0];

    /// <summary>Changes a resource's state and waits until the feed has it.</summary>
    public async Task PublishAsync(string name, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        var resource = Resource(name);
        await _notifications.PublishUpdateAsync(resource, change);
        Assert.True(_notifications.TryGetCurrentState(InstanceName(name), out var current));
        var expected = ResourceMapper.Map(current);
        await using var updates = new AsyncReader<WatchResourcesUpdate>(_feed.WatchAsync(default));
        while (true)
        {
            var update = await updates.NextAsync();
            var resources = update.InitialData?.Resources ?? update.Changes.Value.Select(change => change.Upsert);
            if (resources.Contains(expected)) return;
        }
    }

    public AsyncReader<WatchResourcesUpdate> WatchResources() =>
        new(Client.StreamAsync("WatchResources", new WatchResourcesRequest(), WatchResourcesUpdate.Parser));

    public ValueTask StopServerAsync() => _server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        await _stopping.CancelAsync();
        await _feeding;
        _stopping.Dispose();
        Loggers.Dispose();
        _notifications.Dispose();
        await _services.DisposeAsync();
    }

    private static ProjectResource Create(string name)
    {
        var resource = new ProjectResource(name);
        resource.Annotations.Add(new InstancesAnnotation([$"{name}-abcdefgh"]));
        AddCommand("greet", context => Task.FromResult(
            new ExecuteCommandResult { Success = true, Message = $"greeted {context.ResourceName}" }));
        AddCommand("refuse", _ => Task.FromResult(CommandResults.Failure("not today")));
        AddCommand("throw", _ => throw new InvalidOperationException("it broke"));
        return resource;

        void AddCommand(string command, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> execute) =>
            resource.Annotations.Add(new ResourceCommandAnnotation(
                command, command.ToUpperInvariant(), _ => Hosting.ApplicationModel.ResourceCommandState.Enabled, execute, $"Does {command}", null,
                "Sure?", "Hand", Hosting.ApplicationModel.IconVariant.Filled, isHighlighted: true));
    }
}

/// <summary>Takes one item after the other from a stream, with a deadline each.</summary>
internal sealed class AsyncReader<T>(IAsyncEnumerable<T> items) : IAsyncDisposable
{
    private readonly CancellationTokenSource _done = new();
    private IAsyncEnumerator<T>? _enumerator;

    public async Task<T> NextAsync()
    {
        _enumerator ??= items.GetAsyncEnumerator(_done.Token);
        Assert.True(await _enumerator.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        return _enumerator.Current;
    }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        if (_enumerator is not null) await _enumerator.DisposeAsync();
        _done.Dispose();
    }
}
