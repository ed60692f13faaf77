using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Platform.ServiceDefaults.Shutdown;

namespace Platform.ServiceDefaults.Health;

internal static class HealthEndpoints
{
    public const string Ready = "/health";
    public const string Alive = "/alive";
    public const string LiveTag = "live";

    public static bool IsProbe(PathString path) =>
        path.Equals(Ready, StringComparison.OrdinalIgnoreCase) || path.Equals(Alive, StringComparison.OrdinalIgnoreCase);

    public static void MapHealthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, Ready, async (reports, services, cancellation) =>
            services.GetRequiredService<Readiness>().IsDraining
                ? HealthStatus.Unhealthy
                : await reports.ReadyAsync(cancellation));
        Map(endpoints, Alive, (reports, _, cancellation) => reports.AliveAsync(cancellation));
    }

    private static void Map(
        IEndpointRouteBuilder endpoints,
        string path,
        Func<HealthReports, IServiceProvider, CancellationToken, Task<HealthStatus>> check)
    {
        endpoints.MapGet(path, (RequestDelegate)(async context =>
            {
                var reports = context.RequestServices.GetRequiredService<HealthReports>();
                var status = await check(reports, context.RequestServices, context.RequestAborted);
                context.Response.StatusCode = status == HealthStatus.Unhealthy
                    ? StatusCodes.Status503ServiceUnavailable
                    : StatusCodes.Status200OK;
                context.Response.ContentType = "text/plain";
                context.Response.Headers.CacheControl = "no-store";
                await context.Response.WriteAsync(status.ToString(), context.RequestAborted);
            }))
            .AllowAnonymous()
            .DisableHttpMetrics()
            .ExcludeFromDescription()
            .ShortCircuit();
    }
}
