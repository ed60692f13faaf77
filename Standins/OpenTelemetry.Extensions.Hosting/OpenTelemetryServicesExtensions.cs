using Microsoft.Extensions.Hosting;
using OpenTelemetry;

namespace Microsoft.Extensions.DependencyInjection;

public static class OpenTelemetryServicesExtensions
{
    /// <summary>
    /// Adds the OpenTelemetry SDK to the host. Providers start before any other hosted service and are disposed with the
    /// container. May be called from several libraries: there is one provider a signal and host.
    /// </summary>
    public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        // First in the list, so that what other hosted services do when they start is already observed.
        if (!services.Any(service => service.ImplementationType == typeof(TelemetryHostedService)))
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryHostedService>());

        return new OpenTelemetryBuilder(services);
    }
}
