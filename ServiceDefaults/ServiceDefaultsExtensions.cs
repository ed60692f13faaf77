using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Platform.ServiceDefaults.Health;
using Platform.ServiceDefaults.Http;
using Platform.ServiceDefaults.Shutdown;
using Platform.ServiceDefaults.Telemetry;

namespace Platform.ServiceDefaults;

/// <summary>What every service of the platform has in common.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Telemetry over OTLP, health checks, resilient HTTP clients with service discovery, sane server limits and a
    /// graceful shutdown. Call it first in <c>Program.cs</c>, and <see cref="MapDefaultEndpoints"/> on the built application.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddPlatformLogging();
        builder.AddPlatformTelemetry();
        builder.AddPlatformHealth();
        builder.AddPlatformHttp();
        builder.AddGracefulShutdown();
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (ready: every check passes and the service isn't stopping) and <c>/alive</c> (the process
    /// answers) in every environment. Both answer one word, before any other middleware that follows routing.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthEndpoints();
        return app;
    }
}
