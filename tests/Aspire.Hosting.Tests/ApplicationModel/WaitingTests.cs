using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Tests.Dashboard;
using Aspire.Hosting.Tests.Dcp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Platform.Testing;

namespace Aspire.Hosting.Tests.ApplicationModel;

/// <summary>Waiting by itself, with states published by the test instead of a running program.</summary>
[Trait("Req", "A1")]
public sealed class WaitingTests : IAsyncDisposable
{
    private readonly IDistributedApplicationBuilder _builder = TestHost.CreateBuilder();
    private readonly IResourceBuilder<ExecutableResource> _server;
    private readonly IResourceBuilder<ExecutableResource> _client;
    private DistributedApplication? _app;

    public WaitingTests()
    {
        _server = _builder.AddExecutable("server", "true", ".");
        _client = _builder.AddExecutable("client", "true", ".");
    }

    private ResourceNotificationService Notifications => (_app ??= _builder.Build()).ResourceNotifications;

    [Fact]
    public async Task WaitFor_is_done_when_healthy_and_ready_handlers_have_run()
    {
        _client.WaitFor(_server.WithHealthCheck("check"));
        var waiting = Notifications.WaitForDependenciesAsync(_client.Resource, TestHost.Soon());
        Assert.Equal("server", await WaitingForAsync());

        await PublishAsync(KnownResourceStates.Running);
        Assert.False(waiting.IsCompleted);

        var handlers = new TaskCompletionSource();
        await Notifications.PublishUpdateAsync(_server.Resource, s => s with
        {
            HealthReports = [new HealthReportSnapshot("check", HealthStatus.Healthy, null, null)],
            ResourceReady = handlers.Task,
        });
        Assert.False(waiting.IsCompleted);

        handlers.SetResult();
        await waiting;
    }

    [Fact]
    public async Task WaitForStart_is_done_when_running()
    {
        _client.WaitForStart(_server.WithHealthCheck("check"));
        var waiting = Notifications.WaitForDependenciesAsync(_client.Resource, TestHost.Soon());

        await PublishAsync(KnownResourceStates.Starting);
        Assert.False(waiting.IsCompleted);

        await PublishAsync(KnownResourceStates.Running);
        await waiting;
    }

    [Fact]
    public async Task WaitForCompletion_with_expected_code_is_done()
    {
        _client.WaitForCompletion(_server, exitCode: 3);
        var waiting = Notifications.WaitForDependenciesAsync(_client.Resource, TestHost.Soon());

        await PublishAsync(KnownResourceStates.Running);
        Assert.False(waiting.IsCompleted);

        await PublishAsync(KnownResourceStates.Finished, exitCode: 3);
        await waiting;
    }

    [Theory]
    [InlineData("Finished", 1)]
    [InlineData("FailedToStart", null)]
    public async Task WaitForCompletion_of_a_failure_fails(string state, int? exitCode)
    {
        _client.WaitForCompletion(_server);
        var waiting = Notifications.WaitForDependenciesAsync(_client.Resource, TestHost.Soon());

        await PublishAsync(state, exitCode);

        await Assert.ThrowsAsync<DistributedApplicationException>(() => waiting);
    }

    [Fact]
    public async Task WaitFor_a_failure_goes_on_waiting_if_told_to()
    {
        _client.WaitFor(_server, WaitBehavior.WaitOnResourceUnavailable);
        var waiting = Notifications.WaitForDependenciesAsync(_client.Resource, TestHost.Soon());

        await PublishAsync(KnownResourceStates.FailedToStart);
        Assert.False(waiting.IsCompleted);

        await Notifications.PublishUpdateAsync(
            _server.Resource, s => s with { State = KnownResourceStates.Running, ResourceReady = Task.CompletedTask });
        await waiting;
    }

    [Fact]
    public async Task WaitForResource_that_never_comes_tells_how_all_are()
    {
        await PublishAsync(KnownResourceStates.Running);
        await Notifications.PublishUpdateAsync(_client.Resource, s => s with { State = KnownResourceStates.Waiting });
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        var failure =
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Notifications.WaitForResourceHealthyAsync("client", soon.Token));

        Assert.Contains("server: Running", failure.Message, StringComparison.Ordinal);
        Assert.Contains("client: Waiting", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitFor_that_takes_long_says_so_with_state_and_log()
    {
        var loggers = new RecordingLoggers();
        _builder.Services.AddSingleton<ILoggerFactory>(loggers);
        _client.WaitFor(_server);
        Notifications.Patience = TimeSpan.FromMilliseconds(10);
        await PublishAsync(KnownResourceStates.Starting);
        _app!.Services.GetRequiredService<ResourceLoggerService>().GetLogger(_server.Resource).LogWarning("out of luck");

        var waiting = Notifications.WaitForDependenciesAsync(_client.Resource, TestHost.Soon());

        await Eventually.TrueAsync(() => loggers.Lines.Any(line =>
            line.StartsWith("client is still waiting for server.", StringComparison.Ordinal)
            && line.Contains("server: Starting", StringComparison.Ordinal) && line.Contains("out of luck", StringComparison.Ordinal)));
        await Notifications.PublishUpdateAsync(
            _server.Resource, s => s with { State = KnownResourceStates.Running, ResourceReady = Task.CompletedTask });
        await waiting;
    }

    [Fact]
    public void WaitFor_a_database_waits_for_its_server_too()
    {
        var server = _builder.AddPostgres("postgres");
        var database = server.AddDatabase("database");

        _client.WaitFor(database);

        Assert.Equal(
            new[] { "postgres", "database" }, _client.Resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource.Name));
    }

    [Fact]
    public void WaitFor_itself_is_refused() => Assert.Throws<DistributedApplicationException>(() => _client.WaitFor(_client));

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private Task PublishAsync(string state, int? exitCode = null) =>
        Notifications.PublishUpdateAsync(_server.Resource, s => s with { State = state, ExitCode = exitCode });

    private async Task<object?> WaitingForAsync()
    {
        var waiting =
            await Notifications.WaitForResourceAsync("client", e => e.Snapshot.State?.Text == KnownResourceStates.Waiting, TestHost.Soon());
        return waiting.Snapshot.Properties.Single(p => p.Name == "resource.waitingFor").Value;
    }
}
