namespace Platform.Api.Tests;

internal static class RateLimitSettings
{
    /// <summary>As good as no limit, but counted all the same.</summary>
    public static readonly IReadOnlyDictionary<string, string> Ample = new Dictionary<string, string>
    {
        ["RATE_LIMIT_FREE"] = "10000000",
        ["RATE_LIMIT_PRO"] = "10000000",
        ["RATE_LIMIT_ENTERPRISE"] = "10000000",
        ["RateLimit:Operator"] = "10000000",
        ["RateLimit:Anonymous"] = "10000000",
        ["RateLimit:Policies:sign-in:Limit"] = "10000000",
        ["RateLimit:Policies:imports:Limit"] = "10000000",
        ["RateLimit:Policies:images:Limit"] = "10000000",
        ["RateLimit:Policies:webhooks:Limit"] = "10000000",
        // Two busy cores may take longer than production would wait.
        ["RateLimit:Timeout"] = "00:00:05",
    };

    public static Dictionary<string, string> With(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(Ample);
        foreach (var (name, value) in settings)
            all[name] = value;
        return all;
    }
}
