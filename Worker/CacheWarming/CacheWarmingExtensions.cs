using Platform.Jobs;
using Platform.Jobs.Schedules;

namespace Platform.Worker.CacheWarming;

internal static class CacheWarmingExtensions
{
    /// <summary>The job that has the cache warmed, and its schedule. Needs the tenant cache.</summary>
    public static void AddCacheWarming(this IHostApplicationBuilder builder)
    {
        builder.Services.AddJobHandler<WarmCache, WarmCacheHandler>();
        // Whoever answers requests warms its cache as it starts: a run missed while all was down would only do that twice.
        builder.AddPlatformSchedule(
            "warm the cache", builder.ReadOptions<CacheWarmingOptions>(CacheWarmingOptions.Section).Schedule, new WarmCache(), JobMisfire.Skip);
    }
}
