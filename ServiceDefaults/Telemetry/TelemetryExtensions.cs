using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Platform.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string OtlpTimeout = "OTEL_EXPORTER_OTLP_TIMEOUT";

    /// <summary>
    /// Traces, metrics and logs of the runtime, ASP.NET Core, HttpClient, Npgsql and the platform itself, exported over OTLP
    /// when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. The other <c>OTEL_*</c> variables apply as the specification says.
    /// </summary>
    public static void AddPlatformTelemetry(this IHostApplicationBuilder builder)
    {
        // ASP.NET Core has the semantic-convention tags built in but leaves them out unless told otherwise.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

        DistributedContextPropagator.Current = new TraceContextPropagator();
        builder.Services.Replace(ServiceDescriptor.Singleton(DistributedContextPropagator.Current));

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder.Environment))
            .WithTracing(tracing => tracing
                .AddSource("Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "Platform.*")
                .AddProcessor<PollingSpanProcessor>()
                .AddProcessor<TenantSpanProcessor>())
            .WithMetrics(metrics => metrics
                .AddMeter("Microsoft.AspNetCore.*", "System.Net.Http", "System.Runtime", "Npgsql", "Platform.*"));
        builder.Services.AddTransient<IStartupFilter, RequestTelemetryStartupFilter>();

        if (string.IsNullOrWhiteSpace(builder.Configuration[OtlpEndpoint]))
            return;

        // Stopping waits for the last export of each signal; a collector that hangs must not hold that up for long.
        builder.Configuration[OtlpTimeout] ??= builder.Environment.IsDevelopment() ? "1000" : "3000";

        telemetry.WithLogging(
            logging => logging.AddProcessor<TenantLogProcessor>(),
            options =>
            {
                options.IncludeFormattedMessage = true;
                options.IncludeScopes = true;
            });
        telemetry.UseOtlpExporter();
    }

    private static void Describe(ResourceBuilder resource, IHostEnvironment environment) =>
        resource
            .AddService(
                environment.ApplicationName,
                serviceVersion: Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
            .AddAttributes([new("deployment.environment.name", environment.EnvironmentName)])

            // Last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
            .AddEnvironmentVariableDetector();
}
