using Platform.Jobs;

namespace Platform.Worker.CacheWarming;

internal static class CacheWarmingExtensions
{
    /// <summary>The job that has the cache warmed, and its schedule. Needs the tenant cache.</summary>
    public static void AddCacheWarming(this IHostApplicationBuilder builder)
    {
        builder.Services.AddJobHandler<WarmCache, WarmCacheHandler>();
        builder.AddPlatformSchedule("warm the cache", builder.ReadOptions<CacheWarmingOptions>(CacheWarmingOptions.Section).Schedule, new WarmCache());
    }
}
