using System.Globalization;
using System.Net;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Tests.Dcp;

[Trait("Req", "A1")]
public class DcpLifecycleTests
{
    [Fact]
    public async Task Started_program_serves_on_its_public_address_and_is_told_its_port()
    {
        var builder = TestHost.CreateBuilder();
        builder.AddExecutable("files", "python3", ".").WithHttpEndpoint(env: "PORT").WithHttpHealthCheck()
            .WithArgs(context =>
            {
                // HTTP/1.1 keeps connections: the orchestrator's proxy resets some whose server closes them at once.
                context.Args.Add("-c");
                context.Args.Add("import os, http.server as s; s.SimpleHTTPRequestHandler.protocol_version = 'HTTP/1.1'; "
                    + "s.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), s.SimpleHTTPRequestHandler).serve_forever()");
            });
        await using var app = builder.Build();
        await app.StartAsync(TestHost.Soon());

        var healthy = await app.ResourceNotifications.WaitForResourceHealthyAsync("files", TestHost.Soon());
        using var client = app.CreateHttpClient("files");

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/", TestHost.Soon())).StatusCode);
        Assert.Equal(KnownResourceStates.Running, healthy.Snapshot.State?.Text);
        Assert.Equal(HealthStatus.Healthy, healthy.Snapshot.HealthStatus);
        Assert.False(Assert.Single(healthy.Snapshot.Urls).IsInactive);
        Assert.Contains(healthy.Snapshot.EnvironmentVariables, v => v is { Name: "PORT", IsFromSpec: true, Value: not null });
    }

    [Fact]
    public async Task Stop_start_and_restart_go_through_the_orchestrator()
    {
        var builder = TestHost.CreateBuilder();
        builder.AddExecutable("sleeper", "sleep", ".", "1000");
        await using var app = builder.Build();
        await app.StartAsync(TestHost.Soon());
        var first = await RunningPidAsync(app, "sleeper", null);

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("sleeper", "stop", TestHost.Soon())).Success);
        await app.ResourceNotifications.WaitForResourceAsync("sleeper", KnownResourceStates.Finished, TestHost.Soon());
        Assert.False(Directory.Exists($"/proc/{first}"));

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("sleeper", "start", TestHost.Soon())).Success);
        var second = await RunningPidAsync(app, "sleeper", first);

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("sleeper", "restart", TestHost.Soon())).Success);
        var third = await RunningPidAsync(app, "sleeper", second);
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
    }

    [Fact]
    public async Task Crash_at_start_tells_exit_code_and_last_lines()
    {
        var builder = TestHost.CreateBuilder();
        var crashing = builder.AddExecutable("crashing", "bash", ".", "-c", "echo to the log; echo because of this >&2; exit 7")
            .WithHealthCheck("never");
        builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
        builder.AddExecutable("dependant", "sleep", ".", "1000").WaitFor(crashing);
        await using var app = builder.Build();
        await app.StartAsync(TestHost.Soon());

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => app.ResourceNotifications.WaitForResourceHealthyAsync("dependant", TestHost.Soon()));

        Assert.Contains("Finished, exit code 7", failure.Message, StringComparison.Ordinal);
        Assert.Contains("because of this", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The resource 'crashing' is Finished with exit code 7", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_program_is_a_failed_start()
    {
        var builder = TestHost.CreateBuilder();
        builder.AddExecutable("missing", "/nowhere/no-such-program", ".");
        await using var app = builder.Build();
        await app.StartAsync(TestHost.Soon());

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => app.ResourceNotifications.WaitForResourceHealthyAsync("missing", TestHost.Soon()));

        Assert.Contains("FailedToStart", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-program", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_parameter_fails_the_resource_that_needs_it()
    {
        var builder = TestHost.CreateBuilder();
        var parameter = builder.AddParameter("license");
        builder.AddExecutable("licensed", "sleep", ".", "1000").WithEnvironment("LICENSE", parameter);
        await using var app = builder.Build();
        await app.StartAsync(TestHost.Soon());

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => app.ResourceNotifications.WaitForResourceHealthyAsync("licensed", TestHost.Soon()));

        Assert.Contains("Parameters:license", failure.Message, StringComparison.Ordinal);
        Assert.Equal(KnownResourceStates.ValueMissing, app.ResourceNotifications.TryGetCurrentState("license", out var state)
            ? state.Snapshot.State?.Text : null);
    }

    [Fact]
    public async Task Log_is_streamed_with_errors_marked()
    {
        var builder = TestHost.CreateBuilder();
        var talker = builder.AddExecutable("talker", "bash", ".", "-c", "echo one; echo two >&2; exec sleep 1000");
        await using var app = builder.Build();
        await app.StartAsync(TestHost.Soon());

        var lines = new List<LogLine>();
        await foreach (var batch in app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(talker.Resource)
            .WithCancellation(TestHost.Soon()))
        {
            lines.AddRange(batch);
            if (lines.Any(l => l.Content.EndsWith(" one", StringComparison.Ordinal))
                && lines.Any(l => l.Content.EndsWith(" two", StringComparison.Ordinal)))
                break;
        }

        Assert.False(lines.Single(l => l.Content.EndsWith(" one", StringComparison.Ordinal)).IsErrorMessage);
        Assert.True(lines.Single(l => l.Content.EndsWith(" two", StringComparison.Ordinal)).IsErrorMessage);
        Assert.Equal(Enumerable.Range(1, lines.Count), lines.Select(l => l.LineNumber));
    }

    [Fact]
    public async Task Explicit_start_waits_for_the_command()
    {
        var builder = TestHost.CreateBuilder();
        builder.AddExecutable("manual", "sleep", ".", "1000").WithExplicitStart();
        await using var app = builder.Build();
        await app.StartAsync(TestHost.Soon());
        await app.ResourceNotifications.WaitForResourceAsync("manual", KnownResourceStates.NotStarted, TestHost.Soon());

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("manual", "start", TestHost.Soon())).Success);

        await app.ResourceNotifications.WaitForResourceHealthyAsync("manual", TestHost.Soon());
    }

    [Fact]
    public async Task Stop_ends_dependants_before_what_they_depend_on()
    {
        var file = Path.GetTempFileName();
        var builder = TestHost.CreateBuilder();
        var server =
            builder.AddExecutable("server", "bash", ".", "-c", $"trap 'echo server >> {file}; exit' TERM; while :; do sleep 0.05; done");
        var worker = builder.AddExecutable(
            "worker", "bash", ".", "-c", $"trap 'sleep 0.3; echo worker >> {file}; exit' TERM; while :; do sleep 0.05; done")
            .WaitFor(server);
        var app = builder.Build();
        await app.StartAsync(TestHost.Soon());
        await app.ResourceNotifications.WaitForResourceHealthyAsync(worker.Resource.Name, TestHost.Soon());

        await app.StopAsync(TestHost.Soon());
        await app.DisposeAsync();

        Assert.Equal(["worker", "server"], await File.ReadAllLinesAsync(file));
        File.Delete(file);
    }

    private static async Task<int> RunningPidAsync(DistributedApplication app, string name, int? otherThan)
    {
        var running = await app.ResourceNotifications.WaitForResourceAsync(
            name, e => e.Snapshot.State?.Text == KnownResourceStates.Running && Pid(e) is { } pid && pid != otherThan, TestHost.Soon());
        return Pid(running)!.Value;

        static int? Pid(ResourceEvent e) => e.Snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value is { } value
            ? Convert.ToInt32(value, CultureInfo.InvariantCulture)
            : null;
    }
}
