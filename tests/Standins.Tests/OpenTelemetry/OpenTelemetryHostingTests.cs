using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Platform.Standins.Tests.OpenTelemetry;

[Trait("Req", "A2")]
public sealed class OpenTelemetryHostingTests
{
    [Fact]
    public async Task AddOpenTelemetry_observes_what_hosted_services_do_when_they_start()
    {
        using var source = new ActivitySource($"test-{Guid.NewGuid():N}");
        var seen = new Collector<Activity>();
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddHostedService(_ => new StartsAnActivity(source));
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(source.Name).AddProcessor(seen));
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal("starting", Assert.Single(seen.Items).OperationName);
    }

    [Fact]
    public async Task AddOpenTelemetry_called_by_several_libraries_makes_one_provider()
    {
        using var source = new ActivitySource($"test-{Guid.NewGuid():N}");
        var seen = new Collector<Activity>();
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(source.Name));
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(source.Name).AddProcessor(seen));
        using var host = builder.Build();
        await host.StartAsync();

        source.StartActivity("once")?.Dispose();
        await host.StopAsync();

        Assert.Single(host.Services.GetServices<TracerProvider>());
        Assert.Single(host.Services.GetServices<IHostedService>(), service => service.GetType().Namespace?.StartsWith("OpenTelemetry", StringComparison.Ordinal) == true);
        Assert.Single(seen.Items);
    }

    [Fact]
    public async Task ConfigureResource_describes_every_signal()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("shop", serviceVersion: "1.2"))
            .WithTracing()
            .WithMetrics()
            .WithLogging();
        using var host = builder.Build();
        await host.StartAsync();

        Resource[] resources =
        [
            host.Services.GetRequiredService<TracerProvider>().GetResource(),
            host.Services.GetRequiredService<MeterProvider>().GetResource(),
            host.Services.GetRequiredService<LoggerProvider>().GetResource(),
        ];

        Assert.All(resources, resource => Assert.Contains(new KeyValuePair<string, object>("service.name", "shop"), resource.Attributes));
    }

    [Fact]
    public async Task WithMetrics_collects_from_the_named_meters()
    {
        using var meter = new Meter($"test-{Guid.NewGuid():N}");
        var exported = new List<string>();
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(meter.Name)
            .AddReader(new BaseExportingMetricReader(new MetricNames(exported))));
        using var host = builder.Build();
        await host.StartAsync();

        meter.CreateCounter<int>("orders").Add(1);
        host.Services.GetRequiredService<MeterProvider>().ForceFlush();

        Assert.Contains("orders", exported);
    }

    [Fact]
    public async Task WithLogging_passes_on_what_loggers_write()
    {
        var seen = new Messages();
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddOpenTelemetry().WithLogging(logging => logging.AddProcessor(seen), options => options.IncludeFormattedMessage = true);
        using var host = builder.Build();
        await host.StartAsync();

        host.Services.GetRequiredService<ILogger<OpenTelemetryHostingTests>>().LogWarning("low on {What}", "stock");

        Assert.Contains("low on stock", seen.Items);
    }

    private sealed class StartsAnActivity(ActivitySource source) : BackgroundService
    {
        public override Task StartAsync(CancellationToken cancellationToken)
        {
            source.StartActivity("starting")?.Dispose();
            return base.StartAsync(cancellationToken);
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }

    /// <summary>Records are reused, so the text is what can be kept.</summary>
    private sealed class Messages : BaseProcessor<LogRecord>
    {
        public List<string?> Items { get; } = [];

        public override void OnEnd(LogRecord data) => Items.Add(data.FormattedMessage);
    }
}
