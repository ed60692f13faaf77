using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Platform.ServiceDefaults.Shutdown;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "J1")]
public sealed class ShutdownTests
{
    [Fact]
    public async Task Stopping_service_says_not_ready_and_still_serves_until_the_delay_is_over()
    {
        var (work, time) = (new TaskCompletionSource(), new ManualTimers());
        await using var app = await TestApp.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(time),
            app =>
            {
                app.MapGet("/quick", () => "served");
                app.MapGet("/slow", async () =>
                {
                    await work.Task;
                    return "finished";
                });
            },
            settings: ("Shutdown:DrainDelay", "00:00:20"));
        var slow = app.Client.GetStringAsync("/slow");
        Assert.Equal("Healthy", await app.Client.GetStringAsync("/health"));

        var stopping = app.App.StopAsync();

        await Eventually.TrueAsync(async () =>
        {
            using var probe = await app.Client.GetAsync("/health");
            return probe.StatusCode == HttpStatusCode.ServiceUnavailable;
        });
        Assert.Equal("Healthy", await app.Client.GetStringAsync("/alive"));
        Assert.Equal("served", await app.Client.GetStringAsync("/quick"));
        Assert.False(stopping.IsCompleted);

        time.Fire();
        await Eventually.TrueAsync(async () =>
        {
            // The server takes no new connections, while what it has begun goes on.
            using var late = new HttpClient { BaseAddress = app.Client.BaseAddress };
            return await Record.ExceptionAsync(() => late.GetStringAsync("/quick")) is HttpRequestException;
        });
        Assert.False(slow.IsCompleted);

        work.SetResult();
        Assert.Equal("finished", await slow);
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Readiness_ends_with_the_first_sign_of_stopping()
    {
        await using var app = await TestApp.StartAsync();
        var readiness = app.App.Services.GetRequiredService<Readiness>();
        Assert.False(readiness.IsDraining);

        app.App.Lifetime.StopApplication();

        Assert.True(readiness.IsDraining);
    }

    [Fact]
    public async Task Process_that_does_not_listen_stops_at_once()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Production" });
        builder.AddServiceDefaults();
        builder.Configuration["Shutdown:DrainDelay"] = "00:00:20";
        using var host = builder.Build();
        await host.StartAsync();

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("Development", 0)]
    [InlineData("Production", 5)]
    public async Task Defaults_suit_the_environment(string environment, int seconds)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.AddServiceDefaults();
        await using var app = builder.Build();

        Assert.Equal(TimeSpan.FromSeconds(seconds), app.Services.GetRequiredService<IOptions<ShutdownOptions>>().Value.DrainDelay);
        Assert.Equal(TimeSpan.FromSeconds(25), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }
}
