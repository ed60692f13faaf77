using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Platform.ServiceDefaults.Telemetry;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "A2")]
public sealed class OtlpExportTests
{
    private static readonly ActivitySource Source = new("Platform.Orders");
    private static readonly Meter Meter = new("Platform.Orders");

    [Fact]
    public async Task Traces_metrics_and_logs_reach_the_collector()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync(collector, app => app.MapGet("/orders/{id}", (ILogger<OtlpExportTests> logger) =>
        {
            using var activity = Source.StartActivity("place order");
            Meter.CreateCounter<int>("platform.orders").Add(1);
            logger.LogInformation("Order {Number} placed", 4711);
        }));

        var (trace, response) = await app.SendTracedAsync("/orders/1");
        using var _ = response;

        // The request's span and measurement end a moment after its answer.
        await Eventually.TrueAsync(async () =>
        {
            await FlushAsync(app);
            return collector.Received("trace").Contains("GET /orders/{id}", StringComparison.Ordinal)
                && collector.Received("metrics").Contains("http.server.request.duration", StringComparison.Ordinal);
        });

        var traces = collector.Received("trace");
        Assert.Contains("place order", traces, StringComparison.Ordinal);
        Assert.Contains("orders-service", traces, StringComparison.Ordinal);
        Assert.Contains("x-otlp-api-key=key-1", collector.Headers, StringComparison.Ordinal);
        Assert.Contains("deployment.environment.name", traces, StringComparison.Ordinal);

        var metrics = collector.Received("metrics");
        Assert.Contains("platform.orders", metrics, StringComparison.Ordinal);
        Assert.Contains("dotnet.gc.collections", metrics, StringComparison.Ordinal);

        Assert.Contains("Order 4711 placed", collector.Received("logs"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Req", "I3")]
    public async Task Log_records_carry_the_tenant_and_no_tokens()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync(collector);
        var tenant = new TenantId(Guid.CreateVersion7());

        using (TelemetryTenant.Begin(tenant, "user-9"))
            app.App.Logger.LogWarning("Redirected to {Url}", "https://host/hub?access_token=SECRET&x=1");
        await FlushAsync(app);

        var logs = collector.Received("logs");
        Assert.Contains("tenant.id", logs, StringComparison.Ordinal);
        Assert.Contains(tenant.ToString(), logs, StringComparison.Ordinal);
        Assert.Contains("user-9", logs, StringComparison.Ordinal);
        Assert.Contains("https://host/hub?access_token=***&x=1", logs, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", logs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_is_not_traced_itself()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync(collector);

        for (var round = 0; round < 3; round++)
        {
            Source.StartActivity($"round {round}")?.Dispose();
            await FlushAsync(app);
        }

        var traces = collector.Received("trace");
        Assert.Contains("round 2", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("opentelemetry.proto.collector", traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_is_exported()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Null(app.App.Services.GetService<LoggerProvider>());
        Assert.NotNull(app.App.Services.GetService<TracerProvider>());
    }

    [Theory]
    [InlineData("Production", "", "parentbased_traceidratio")]
    [InlineData("Production", "always_off", "always_off")]
    [InlineData("Development", "", "")]
    public async Task Traces_are_sampled_outside_development_unless_told_otherwise(string environment, string configured, string expected)
    {
        await using var app = await TestApp.StartAsync(environment: environment, settings: ("OTEL_TRACES_SAMPLER", configured));

        Assert.Equal(expected, app.App.Configuration["OTEL_TRACES_SAMPLER"]);
    }

    [Theory]
    [InlineData(null, "3000")]
    [InlineData("8000", "8000")]
    public async Task Collector_that_hangs_holds_the_stop_up_only_shortly(string? configured, string expected)
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await TestApp.StartAsync(settings:
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            .. configured is null ? [] : new[] { ("OTEL_EXPORTER_OTLP_TIMEOUT", configured) },
        ]);

        Assert.Equal(expected, app.App.Configuration["OTEL_EXPORTER_OTLP_TIMEOUT"]);
    }

    private static Task<TestApp> StartAsync(OtlpCollector collector, Action<WebApplication>? map = null) => TestApp.StartAsync(
        map: map,
        settings:
        [
            ("KeepLogging", "true"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-otlp-api-key=key-1"),
            ("OTEL_SERVICE_NAME", "orders-service"),
            ("Logging:Console:LogLevel:Default", "None"),
        ]);

    private static Task FlushAsync(TestApp app) => Task.Run(() =>
    {
        app.App.Services.GetRequiredService<MeterProvider>().ForceFlush();
        app.App.Services.GetRequiredService<LoggerProvider>().ForceFlush();
        app.App.Services.GetRequiredService<TracerProvider>().ForceFlush();
    });
}
