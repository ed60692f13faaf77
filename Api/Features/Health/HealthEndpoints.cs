using Platform.Api.Features.RateLimits;

namespace Platform.Api.Features.Health;

internal static class HealthEndpoints
{
    public static void AddHealthReport(this WebApplicationBuilder builder) => builder.Services.AddSingleton<HealthReporter>();

    public static void MapHealthReport(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/health", GetAsync).AllowAnonymous().WithRateLimit(weight: 0)
            .WithTags("Health")
            .WithSummary("State of the service and of what it needs")
            .WithDescription("Without the cache it still serves (degraded); without the database it doesn't (503).")
            .Produces<HealthReport>().Produces<HealthReport>(503);
    }

    private static async Task<IResult> GetAsync(HttpContext context, HealthReporter reporter, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var report = await reporter.GetAsync(cancellationToken);
        var serving = report.Status != HealthReporter.Unhealthy;
        return TypedResults.Json(report, statusCode: serving ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
