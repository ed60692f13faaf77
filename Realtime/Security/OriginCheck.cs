using Microsoft.Extensions.Options;

namespace Platform.Realtime.Security;

/// <summary>
/// Refuses pages of foreign origins. Browsers don't apply the same-origin policy to WebSockets, and always send the
/// header; other clients send none and are let through.
/// </summary>
internal sealed class OriginCheck(RequestDelegate next, IOptions<RealtimeOptions> options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        return origin.Length == 0 || IsAllowed(origin, context.Request)
            ? next(context)
            : TypedResults.Problem("The page's origin may not connect.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
    }

    private bool IsAllowed(string origin, HttpRequest request) =>
        options.Value.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
