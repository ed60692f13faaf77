using System.ComponentModel;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Statistics;
using Platform.Tenancy;

namespace Platform.Api.Features.CacheAdmin;

internal static class CacheEndpoints
{
    public static void MapCacheReport(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/admin/cache", GetAsync).RequirePermissionOrOperator(Permissions.MetricsRead)
            .WithTags("Performance")
            .WithSummary("How often the cache has what is asked for")
            .WithDescription(
                "By kind of data, of all tenants and replicas, for the running minute and the `window` minutes before it. Where two " +
                "lifetimes are compared, `variants` has the figures of both.")
            .Produces<CacheReport>().ProducesProblem(400).ProducesProblem(403);

    private static async Task<IResult> GetAsync(
        [Description("Minutes, 1 to 60. Default 60.")] int? window,
        HttpContext context, StatisticsReader statistics, IOptionsMonitor<CacheOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (window is < 1 or > StatisticsReader.LongestWindow)
            return Problems.BadRequest($"'window' must be 1 to {StatisticsReader.LongestWindow} minutes.");
        var minutes = window ?? StatisticsReader.LongestWindow;
        var report = await statistics.GetAsync(minutes, cancellationToken);
        var cache = options.CurrentValue;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new CacheReport(
            cache.Enabled, report.Cache.Hits, report.Cache.Misses, report.Cache.HitRate,
            [.. CacheKinds.All.Values.OrderBy(kind => kind.Name, StringComparer.Ordinal).Select(kind => Figures(kind, report.Caches, cache))],
            time.GetUtcNow(), minutes, report.IsLocal ? "local" : "all"));
    }

    private static CacheKindFigures Figures(CacheKind kind, IReadOnlyList<CacheFigures> all, CacheOptions options)
    {
        CacheFigures Of(string? variant)
        {
            var name = variant is null ? kind.Name : $"{kind.Name}{CacheFigures.VariantMark}{variant}";
            return all.FirstOrDefault(figures => figures.Kind == name) ?? new CacheFigures(name, 0, 0);
        }

        var (plain, a, b) = (Of(null), Of("a"), Of("b"));
        var sum = new CacheFigures(kind.Name, plain.Hits + a.Hits + b.Hits, plain.Misses + a.Misses + b.Misses);
        IReadOnlyList<CacheVariantFigures> variants = options.Experiments.TryGetValue(kind.Name, out var experiment)
            ?
            [
                new("a", experiment.A.TotalSeconds, 1 - experiment.Share, a.Hits, a.Misses, a.HitRate),
                new("b", experiment.B.TotalSeconds, experiment.Share, b.Hits, b.Misses, b.HitRate),
            ]
            : [];
        return new CacheKindFigures(kind.Name, options.TtlOf(kind).TotalSeconds, sum.Hits, sum.Misses, sum.HitRate, variants);
    }
}
