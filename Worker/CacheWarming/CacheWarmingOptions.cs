using System.ComponentModel.DataAnnotations;

namespace Platform.Worker.CacheWarming;

/// <summary>Configuration section <c>CacheWarming</c>.</summary>
internal sealed class CacheWarmingOptions
{
    public const string Section = "CacheWarming";

    /// <summary>When the cache is warmed again, as a cron expression in UTC; empty for never. Default every five minutes.</summary>
    [MaxLength(200)]
    public string Schedule { get; set; } = "*/5 * * * *";
}
