using System.ComponentModel.DataAnnotations;

namespace Platform.Web.Sessions;

/// <summary>Section <c>Session</c>.</summary>
internal sealed class SessionOptions
{
    public const string Section = "Session";

    /// <summary>How long a session lasts without a page being loaded. Default 12 hours.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "30.00:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long before its expiry an access token is replaced. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:10:00")]
    public TimeSpan RefreshAhead { get; set; } = TimeSpan.FromMinutes(1);
}
