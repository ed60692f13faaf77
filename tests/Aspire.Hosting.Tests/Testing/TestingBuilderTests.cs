using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Aspire.Hosting.Tests.Dcp;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Tests.Testing;

[Trait("Req", "A6")]
public class TestingBuilderTests
{
    [Fact]
    public async Task AppHost_runs_in_the_test_with_random_ports_and_replicas()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(
            ["--Replicas=2", "--Parameters:greeting=good morning"], TestHost.Soon());
        await using var app = await builder.BuildAsync(TestHost.Soon());
        await app.StartAsync(TestHost.Soon());
        await app.ResourceNotifications.WaitForResourceHealthyAsync("client", TestHost.Soon());

        using var client = app.CreateHttpClient("service");
        Assert.Equal("good morning world", await client.GetStringAsync("/environment/GREETING", TestHost.Soon()));
        Assert.NotEqual(5390, client.BaseAddress!.Port);

        // The orchestrator chooses an instance for each connection.
        var pids = new HashSet<int>();
        while (pids.Count < 2)
        {
            using var another = app.CreateHttpClient("service");
            another.DefaultRequestHeaders.ConnectionClose = true;
            pids.Add(int.Parse(await another.GetStringAsync("/pid", TestHost.Soon()), CultureInfo.InvariantCulture));
        }

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("service", "touch", TestHost.Soon())).Success);
    }

    [Fact]
    public async Task Builder_lets_the_test_change_the_application()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(TestHost.Soon());
        var service = Assert.Single(builder.Resources.OfType<ProjectResource>());
        builder.CreateResourceBuilder(service).WithEnvironment("GREETING", "from the test");
        builder.Resources.Remove(builder.Resources.Single(r => r.Name == "client"));
        await using var app = await builder.BuildAsync(TestHost.Soon());
        await app.StartAsync(TestHost.Soon());
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", TestHost.Soon());

        using var client = app.CreateHttpClient("service", "http");

        Assert.Equal("from the test", await client.GetStringAsync("/environment/GREETING", TestHost.Soon()));
        Assert.Throws<ArgumentException>(() => app.GetEndpoint("client"));
        Assert.Throws<ArgumentException>(() => app.GetEndpoint("service", "nothing"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await app.GetConnectionStringAsync("service"));
    }

    [Fact]
    public async Task Builder_disposed_before_building_unwinds_the_entry_point()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(TestHost.Soon());
        await builder.DisposeAsync();
    }

    [Fact]
    public async Task CreateAsync_passes_on_what_the_AppHost_throws()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(
            ["--Replicas=many"], TestHost.Soon()));

        Assert.Contains("many", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_configures_environment_and_options()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(
            [], (_, settings) => settings.EnvironmentName = "Staging", TestHost.Soon());

        Assert.True(builder.Environment.IsStaging());
        Assert.Equal("true", builder.Configuration["DisableDashboard"]);
        Assert.True(builder.ExecutionContext.IsRunMode);
    }
}
