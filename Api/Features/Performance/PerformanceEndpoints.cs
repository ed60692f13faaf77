using System.ComponentModel;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Statistics;
using Platform.Tenancy;

namespace Platform.Api.Features.Performance;

internal static class PerformanceEndpoints
{
    public static void MapPerformance(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/admin/performance-metrics", GetAsync).RequirePermissionOrOperator(Permissions.MetricsRead)
            .WithTags("Performance")
            .WithSummary("How fast the platform answers")
            .WithDescription(
                "Of all tenants and replicas, for the running minute and the `window` minutes before it. Times are milliseconds, `hitRate` " +
                "and `compliance` percent. `source` is `local` while the store is away: the figures are then one replica's.")
            .Produces<PerformanceMetrics>().ProducesProblem(400).ProducesProblem(403);
    }

    private static async Task<IResult> GetAsync(
        [Description("Minutes, 1 to 60. Default 60.")] int? window,
        HttpContext context, StatisticsReader statistics, IOptions<StatisticsOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (window is < 1 or > StatisticsReader.LongestWindow)
            return Problems.BadRequest($"'window' must be 1 to {StatisticsReader.LongestWindow} minutes.");
        var minutes = window ?? StatisticsReader.LongestWindow;
        var report = await statistics.GetAsync(minutes, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(PerformanceMetrics.From(report, options.Value.Target.TotalMilliseconds, time.GetUtcNow(), minutes));
    }
}
