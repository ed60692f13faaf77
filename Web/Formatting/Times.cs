using System.Globalization;

namespace Platform.Web.Formatting;

/// <summary>Points in time as the pages write them: near ones relative, far ones as a date.</summary>
internal static class Times
{
    public static string Relative(DateTimeOffset time, DateTimeOffset now)
    {
        var age = now - time;
        return age switch
        {
            { TotalSeconds: < 45 } => "just now",
            { TotalMinutes: < 1.5 } => "1 minute ago",
            { TotalMinutes: < 59.5 } => $"{age.TotalMinutes.ToString("0", CultureInfo.InvariantCulture)} minutes ago",
            { TotalHours: < 1.5 } => "1 hour ago",
            { TotalHours: < 23.5 } => $"{age.TotalHours.ToString("0", CultureInfo.InvariantCulture)} hours ago",
            { TotalDays: < 1.5 } => "yesterday",
            { TotalDays: < 6.5 } => $"{age.TotalDays.ToString("0", CultureInfo.InvariantCulture)} days ago",
            _ => time.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>To the minute, for a tooltip.</summary>
    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>For the <c>datetime</c> attribute.</summary>
    public static string Machine(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
