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
    public const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string OtlpTimeout = "OTEL_EXPORTER_OTLP_TIMEOUT";
    private const string Sampler = "OTEL_TRACES_SAMPLER", SamplerArgument = "OTEL_TRACES_SAMPLER_ARG";

    /// <summary>
    /// Of ASP.NET Core; those of authentication, authorization, routing and its memory pools cost every request something and answer
    /// nobody's question.
    /// </summary>
    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel",
        "Microsoft.AspNetCore.Http.Connections", "Microsoft.AspNetCore.Components*",
    ];

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

        // One trace in ten, and all of a trace whose caller is traced; while developing, every one. The variables decide if given.
        if (string.IsNullOrWhiteSpace(builder.Configuration[Sampler]) && !builder.Environment.IsDevelopment())
            (builder.Configuration[Sampler], builder.Configuration[SamplerArgument]) = ("parentbased_traceidratio", "0.1");

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder.Environment))
            .WithTracing(tracing => tracing
                .AddSource("Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "Platform.*")
                .AddProcessor<PollingSpanProcessor>()
                .AddProcessor<TenantSpanProcessor>())
            .WithMetrics(metrics => metrics
                .AddMeter(Meters).AddMeter("System.Net.Http", "System.Runtime", "Npgsql", "Platform.*"));
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
