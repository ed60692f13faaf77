using System.Diagnostics;

namespace Platform.Web;

/// <summary>Spans of what users do, so that a trace starts with the action and not with the first HTTP request.</summary>
internal static class WebTelemetry
{
    public static readonly ActivitySource Source = new("Platform.Web");
}
