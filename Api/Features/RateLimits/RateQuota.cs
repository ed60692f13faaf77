using System.Globalization;

namespace Platform.Api.Features.RateLimits;

/// <summary>A limit in the terms the algorithm works with. All times are whole microseconds, so that Lua and C# agree to the last one.</summary>
internal sealed class RateQuota
{
    /// <param name="name">The policy's name in the headers: letters and hyphens.</param>
    /// <param name="burst">Share of the limit that may come at once.</param>
    /// <param name="block">How long a caller that was refused once is refused altogether.</param>
    public RateQuota(string name, int limit, TimeSpan period, double burst = 1, TimeSpan block = default)
    {
        Name = name;
        Limit = limit;
        Period = period;
        Interval = Math.Max(1, (long)period.TotalMicroseconds / limit);
        Burst = Math.Max(1, (int)(limit * burst));
        Capacity = Burst * Interval;
        Block = (long)block.TotalMicroseconds;
        ItemText = $"\"{name}\";r=";
        LimitText = limit.ToString(CultureInfo.InvariantCulture);
        var window = Math.Max(1, (long)Math.Round(period.TotalSeconds));
        PolicyText = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={limit};w={window}");
    }

    public string Name { get; }

    public int Limit { get; }

    public TimeSpan Period { get; }

    /// <summary>Requests that may come at once.</summary>
    public int Burst { get; }

    /// <summary>Time one request uses up.</summary>
    public long Interval { get; }

    /// <summary>How far ahead of the clock a caller may be.</summary>
    public long Capacity { get; }

    public long Block { get; }

    /// <summary>For <c>X-RateLimit-Limit</c>.</summary>
    public string LimitText { get; }

    /// <summary>How the limit begins in <c>RateLimit</c>.</summary>
    public string ItemText { get; }

    /// <summary>For <c>RateLimit-Policy</c>.</summary>
    public string PolicyText { get; }
}
