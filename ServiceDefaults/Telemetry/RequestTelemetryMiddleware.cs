using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Platform.ServiceDefaults.Health;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>
/// Completes the request's span (route, status, name, error, tenant) and writes the access log. Probes are neither
/// traced nor logged.
/// </summary>
internal sealed partial class RequestTelemetryMiddleware(RequestDelegate next, ILoggerFactory loggers, TimeProvider time)
{
    public const string AccessLog = "Platform.AccessLog";

    private readonly ILogger _logger = loggers.CreateLogger(AccessLog);

    public async Task InvokeAsync(HttpContext context)
    {
        var activity = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (HealthEndpoints.IsProbe(context.Request.Path))
        {
            Silence(activity);
            await next(context);
            return;
        }

        using var tenant = TelemetryTenant.Open(context);
        var started = time.GetTimestamp();
        Exception? unhandled = null;
        try
        {
            await next(context);
        }
        catch (Exception exception)
        {
            unhandled = exception;
            throw;
        }
        finally
        {
            var error = unhandled ?? context.Features.Get<IExceptionHandlerFeature>()?.Error;
            var (status, route) = (Status(context, unhandled), Route(context));
            Complete(activity, context.Request.Method, route, status, error);
            Access(context.Request.Method, route ?? "(none)", context.Request.Path, status, time.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    /// <summary>The server answers an exception that nobody handled, but only after this.</summary>
    private static int Status(HttpContext context, Exception? unhandled) => unhandled switch
    {
        null => context.Response.StatusCode,
        _ when context.Response.HasStarted => context.Response.StatusCode,
        _ when context.RequestAborted.IsCancellationRequested => StatusCodes.Status499ClientClosedRequest,
        BadHttpRequestException bad => bad.StatusCode,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Not exported, and neither is anything started inside: children follow their parent's decision.</summary>
    private static void Silence(Activity? activity)
    {
        if (activity is null)
            return;
        activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        activity.IsAllDataRequested = false;
    }

    private static void Complete(Activity? activity, string method, string? route, int status, Exception? error)
    {
        if (activity is not { IsAllDataRequested: true })
            return;

        // Unknown methods are a client's free text; the conventions call them HTTP.
        var name = activity.GetTagItem("http.request.method") as string is "_OTHER" ? "HTTP" : method;
        activity.DisplayName = route is null ? name : $"{name} {route}";
        if (route is not null)
            activity.SetTag("http.route", route);
        activity.SetTag("http.response.status_code", status);
        if (status >= 500)
        {
            activity.SetStatus(ActivityStatusCode.Error);
            activity.SetTag("error.type", error?.GetType().FullName ?? status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        TelemetryTags.Apply(activity);
    }

    /// <summary>The route that was matched, also when an error page has run in its place since.</summary>
    private static string? Route(HttpContext context)
    {
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint
            ?? context.Features.Get<IStatusCodeReExecuteFeature>()?.Endpoint
            ?? context.GetEndpoint();
        return endpoint is RouteEndpoint { RoutePattern.RawText: { } text } ? (text.StartsWith('/') ? text : "/" + text) : null;
    }

    [LoggerMessage(1001, LogLevel.Information, "{Method} {Route} ({Path}) answered {StatusCode} in {Milliseconds:0.0} ms")]
    private partial void Access(string method, string route, string path, int statusCode, double milliseconds);
}
