using System.Collections.Immutable;
using System.Net;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Protocol;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using ProtocolCommandState = Aspire.Hosting.Dashboard.Protocol.ResourceCommandState;
using ProtocolResource = Aspire.Hosting.Dashboard.Protocol.Resource;

namespace Aspire.Hosting.Tests.Dashboard;

/// <summary>The resource service over the wire: a model that doesn't run, published to by the tests themselves.</summary>
public sealed class ResourceServiceTests : IAsyncLifetime
{
    private ResourceServiceFixture _host = null!;

    public async Task InitializeAsync() => _host = await ResourceServiceFixture.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task GetApplicationInformation_names_the_application()
    {
        var answer = await _host.Client.CallAsync(
            "GetApplicationInformation", new ApplicationInformationRequest(), ApplicationInformationResponse.Parser);

        Assert.Equal("Shop", answer.ApplicationName);
        Assert.Equal("13.5.0", answer.MinDashboardVersion);
    }

    [Fact]
    public async Task WatchResources_first_update_has_every_resource_then_come_changes()
    {
        await _host.PublishAsync("api", s => s with { State = KnownResourceStates.Starting });
        await _host.PublishAsync("worker", s => s with { State = KnownResourceStates.Waiting });
        await using var updates = _host.WatchResources();

        var initial = await updates.NextAsync();
        Assert.Equal(["api", "worker"], initial.InitialData.Resources.Select(r => r.DisplayName).Order());

        await _host.PublishAsync("api", s => s with { State = KnownResourceStates.Running });
        var change = Assert.Single((await updates.NextAsync()).Changes.Value).Upsert;
        Assert.Equal(("api", "Running"), (change.DisplayName, change.State));
    }

    [Fact]
    public async Task WatchResources_several_watchers_all_see_a_change()
    {
        await using var first = _host.WatchResources();
        await using var second = _host.WatchResources();
        await first.NextAsync();
        await second.NextAsync();

        await _host.PublishAsync("api", s => s with { State = KnownResourceStates.Running });

        Assert.Equal("Running", Assert.Single((await first.NextAsync()).Changes.Value).Upsert.State);
        Assert.Equal("Running", Assert.Single((await second.NextAsync()).Changes.Value).Upsert.State);
    }

    [Fact]
    public async Task WatchResources_sends_all_that_is_known_of_a_resource()
    {
        var started = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        await _host.PublishAsync("api", s => s with
        {
            State = new ResourceStateSnapshot("Running", "success"),
            StartTimeStamp = started,
            EnvironmentVariables = [new("KEY", "value", IsFromSpec: true)],
            Urls = [new("http", "http://localhost:5301", IsInternal: false) { DisplayProperties = new("API", 3) }],
            Volumes = [new("data", "/data", "volume", IsReadOnly: true)],
            Relationships = [new("redis", "Reference")],
            Properties =
            [
                new("executable.path", "/usr/bin/dotnet"),
                new("executable.args", ImmutableArray.Create("run", "--secret")) { IsSensitive = true },
                new("executable.pid", 42),
            ],
        });
        await using var updates = _host.WatchResources();

        var resource = Assert.Single((await updates.NextAsync()).InitialData.Resources);

        Assert.Equal(("Project", "Running", "success"), (resource.ResourceType, resource.State, resource.StateStyle));
        Assert.Equal(started, resource.StartedAt.ToDateTime());
        Assert.Equal(new EnvironmentVariable { Name = "KEY", Value = "value", IsFromSpec = true }, Assert.Single(resource.Environment));
        var url = Assert.Single(resource.Urls);
        Assert.Equal(("http", "http://localhost:5301"), (url.EndpointName, url.FullUrl));
        Assert.Equal(new UrlDisplayProperties { DisplayName = "API", SortOrder = 3 }, url.DisplayProperties);
        Assert.Equal(
            new Volume { Source = "data", Target = "/data", MountType = "volume", IsReadOnly = true }, Assert.Single(resource.Volumes));
        Assert.Equal(new ResourceRelationship { ResourceName = "redis", Type = "Reference" }, Assert.Single(resource.Relationships));
        var command = Assert.Single(resource.Commands, c => c.Name == "greet");
        Assert.Equal(("GREET", "Does greet"), (command.DisplayName, command.DisplayDescription));
        Assert.Equal(("Sure?", "Hand"), (command.ConfirmationMessage, command.IconName));
        Assert.Equal((true, ProtocolCommandState.Enabled), (command.IsHighlighted, command.State));
        Assert.Equal("/usr/bin/dotnet", Property(resource, "executable.path").Value.StringValue);
        Assert.Equal(42, Property(resource, "executable.pid").Value.NumberValue);
        Assert.Equal(["run", "--secret"], Property(resource, "executable.args").Value.ListValue.Values.Select(v => v.StringValue));
        Assert.True(Property(resource, "executable.args").IsSensitive);
        Assert.Equal("Healthy", Property(resource, "resource.healthState").Value.StringValue);
    }

    [Fact]
    public async Task WatchResources_child_names_its_parents_instance()
    {
        _host.Resource("worker").Annotations.Add(new ResourceRelationshipAnnotation(_host.Resource("api"), "Parent"));
        await _host.PublishAsync("worker", s => s);
        await using var updates = _host.WatchResources();

        var resource = Assert.Single((await updates.NextAsync()).InitialData.Resources);

        Assert.Equal(_host.InstanceName("api"), Property(resource, "resource.parentName").Value.StringValue);
    }

    [Fact]
    public async Task WatchConsoleLogs_sends_the_backlog_then_follows()
    {
        await _host.PublishAsync("api", s => s);
        var logger = _host.Loggers.GetLogger(_host.Resource("api"));
        logger.LogInformation("first");
        await using var updates = new AsyncReader<WatchResourceConsoleLogsUpdate>(WatchConsoleLogs(follow: true));

        var first = Assert.Single((await updates.NextAsync()).LogLines);
        Assert.EndsWith(" first", first.Text, StringComparison.Ordinal);

        logger.LogError("second");
        var second = Assert.Single((await updates.NextAsync()).LogLines);
        Assert.EndsWith(" second", second.Text, StringComparison.Ordinal);
        Assert.True(second.IsStdErr);
        Assert.True(second.LineNumber > first.LineNumber);
    }

    [Fact]
    public async Task WatchConsoleLogs_follow_suppressed_ends_after_the_backlog()
    {
        await _host.PublishAsync("api", s => s);
        _host.Loggers.GetLogger(_host.Resource("api")).LogInformation("only");

        var lines = new List<ConsoleLogLine>();
        await foreach (var update in WatchConsoleLogs(follow: false))
            lines.AddRange(update.LogLines);

        Assert.EndsWith(" only", Assert.Single(lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchConsoleLogs_much_text_comes_in_messages_a_client_accepts()
    {
        await _host.PublishAsync("api", s => s);
        var logger = _host.Loggers.GetLogger(_host.Resource("api"));
        var line = new string('ü', 100_000);
        for (var i = 0; i < 60; i++) logger.LogInformation("{Line}", line);

        var count = 0;
        await foreach (var update in WatchConsoleLogs(follow: false))
        {
            Assert.InRange(update.CalculateSize(), 1, 4 * 1024 * 1024);
            count += update.LogLines.Count;
        }

        Assert.Equal(60, count);
    }

    [Fact]
    public async Task ExecuteResourceCommand_runs_it_on_the_instance_named()
    {
        await _host.PublishAsync("api", s => s);

        var answer = await ExecuteAsync("greet");

        Assert.Equal(ResourceCommandResponseKind.Succeeded, answer.Kind);
        Assert.Equal($"greeted {_host.InstanceName("api")}", answer.Message);
    }

    [Theory]
    [InlineData("refuse", "not today")]
    [InlineData("throw", "it broke")]
    public async Task ExecuteResourceCommand_failing_says_why(string command, string expected)
    {
        await _host.PublishAsync("api", s => s);

        var answer = await ExecuteAsync(command);

        Assert.Equal(ResourceCommandResponseKind.Failed, answer.Kind);
        Assert.Equal(expected, answer.ErrorMessage);
    }

    [Fact]
    public async Task ExecuteResourceCommand_unknown_fails()
    {
        await _host.PublishAsync("api", s => s);

        Assert.Equal(ResourceCommandResponseKind.Failed, (await ExecuteAsync("no-such")).Kind);
    }

    [Fact]
    public async Task WatchInteractions_stays_open_until_the_caller_ends()
    {
        using var call = await _host.Client.OpenAsync("WatchInteractions", []);

        Assert.Equal(HttpStatusCode.OK, call.Response.StatusCode);
        Assert.Null(await call.ReadAsync(WatchInteractionsResponseUpdate.Parser, default));
    }

    [Fact]
    public async Task Dispose_ends_open_streams_at_once()
    {
        await using var updates = _host.WatchResources();
        await updates.NextAsync();

        await _host.StopServerAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAnyAsync<Exception>(updates.NextAsync);
    }

    private static ResourceProperty Property(ProtocolResource resource, string name) =>
        Assert.Single(resource.Properties, property => property.Name == name);

    private IAsyncEnumerable<WatchResourceConsoleLogsUpdate> WatchConsoleLogs(bool follow) => _host.Client.StreamAsync(
        "WatchResourceConsoleLogs",
        new WatchResourceConsoleLogsRequest { ResourceName = _host.InstanceName("api"), SuppressFollow = !follow },
        WatchResourceConsoleLogsUpdate.Parser);

    private Task<ResourceCommandResponse> ExecuteAsync(string command) => _host.Client.CallAsync(
        "ExecuteResourceCommand",
        new ResourceCommandRequest { ResourceName = _host.InstanceName("api"), ResourceType = "Project", CommandName = command },
        ResourceCommandResponse.Parser);
}
