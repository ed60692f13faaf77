using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Sending telemetry to the dashboard.</summary>
public static class OtlpConfigurationExtensions
{
    /// <summary>Tells the program where to send its telemetry, in OpenTelemetry's own variables. Projects are told anyway.</summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment =>
        builder.WithAnnotation(new OtlpExporterAnnotation(), ResourceAnnotationMutationBehavior.Replace).WithOtlpVariables();

    internal static IResourceBuilder<T> WithOtlpVariables<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment =>
        builder.WithEnvironment(SetVariables);

    private static void SetVariables(EnvironmentCallbackContext context)
    {
        var variables = context.EnvironmentVariables;
        if (context.Resource is ProjectResource)
            variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        if (context.ExecutionContext.IsPublishMode)
            return;

        // Without a dashboard nobody listens, unless an address was configured: then nothing is sent.
        var services = context.ExecutionContext.ServiceProvider;
        var otlp = services.GetService<IDashboardHost>()?.Otlp
            ?? (services.GetRequiredService<IConfiguration>()["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] is { } url
                ? new DashboardOtlpEndpoint(url, OtlpProtocol.Grpc, null)
                : null);
        if (otlp is null)
            return;

        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlp.Url;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = otlp.Protocol switch
        {
            OtlpProtocol.HttpProtobuf => "http/protobuf",
            OtlpProtocol.HttpJson => "http/json",
            _ => "grpc",
        };
        if (otlp.ApiKey is { } key)
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
        variables["OTEL_RESOURCE_ATTRIBUTES"] = """service.instance.id={{- index .Annotations "otel-service-instance-id" -}}""";
        variables["OTEL_SERVICE_NAME"] = """{{- index .Annotations "otel-service-name" -}}""";

        if (services.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            // Telemetry shows at once instead of after the exporters' usual delays.
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }
    }
}
