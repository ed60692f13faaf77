using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Platform.Statistics;

/// <summary>Measures each request from before everything else the service does with it to the end of its answer's body.</summary>
internal sealed partial class RequestStatisticsMiddleware(
    RequestDelegate next, RequestRecorder recorder, IOptions<StatisticsOptions> options, TimeProvider time,
    ILogger<RequestStatisticsMiddleware> logger)
{
    private readonly long _slow = (long)options.Value.SlowRequest.TotalMicroseconds;
    private readonly long _late = (long)options.Value.Target.TotalMicroseconds;

    public async Task InvokeAsync(HttpContext context)
    {
        var started = time.GetTimestamp();
        var failed = true;
        try
        {
            await next(context);
            failed = false;
        }
        finally
        {
            Record(context, started, failed);
        }
    }

    private void Record(HttpContext context, long started, bool failed)
    {
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint
            ?? context.Features.Get<IStatusCodeReExecuteFeature>()?.Endpoint
            ?? context.GetEndpoint();
        if (IsLeftOut(context, endpoint))
            return;
        var micros = (time.GetTimestamp() - started) * 1_000_000 / time.TimestampFrequency;
        // The server answers what nobody handled, but only after this; who has left gets no answer.
        var status = failed && !context.Response.HasStarted ? StatusCodes.Status500InternalServerError : context.Response.StatusCode;
        var isError = status >= 500 && !(failed && context.RequestAborted.IsCancellationRequested);
        var route = recorder.For(endpoint);
        var cache = CacheState(context.Response);
        var isSlow = micros > _slow;
        route.Record(
            micros,
            (isSlow ? RequestMarks.Slow : 0) | (micros > _late ? RequestMarks.Late : 0) | (isError ? RequestMarks.Error : 0) | cache);
        if (isSlow && logger.IsEnabled(LogLevel.Warning))
        {
            var trace = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
            LogSlow(context.Request.Method, route.Route, context.Request.Path, micros / 1000.0, status, Name(cache), trace);
        }
    }

    /// <summary>Probes; and what is meant to last: streams, sockets, long polls.</summary>
    private static bool IsLeftOut(HttpContext context, Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<IDisableHttpMetricsMetadata>() is not null
        || context.Features.Get<LeftOutOfStatistics>() is not null
        || context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols
        || context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    private static RequestMarks CacheState(HttpResponse response) => response.Headers["X-Cache-Hit"] switch
    {
        ["true"] => RequestMarks.Hit,
        ["false"] => RequestMarks.Miss,
        _ => RequestMarks.None,
    };

    private static string Name(RequestMarks cache) => cache switch
    {
        RequestMarks.Hit => "hit",
        RequestMarks.Miss => "miss",
        _ => "none",
    };

    [LoggerMessage(7101, LogLevel.Warning,
        "Slow: {Method} {Route} ({Path}) took {Milliseconds:0} ms, answered {StatusCode}, cache {Cache}, trace {SlowTraceId}")]
    private partial void LogSlow(string method, string route, string path, double milliseconds, int statusCode, string cache, string slowTraceId);
}
