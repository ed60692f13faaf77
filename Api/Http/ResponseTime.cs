using System.Globalization;

namespace Platform.Api.Http;

/// <summary><c>X-Response-Time</c> on every answer: milliseconds from the request's arrival to the answer's first byte.</summary>
internal static class ResponseTime
{
    public static IApplicationBuilder UseResponseTime(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var started = time.GetTimestamp();
        context.Response.OnStarting(() =>
        {
            var elapsed = (long)time.GetElapsedTime(started).TotalMilliseconds;
            context.Response.Headers["X-Response-Time"] = string.Create(CultureInfo.InvariantCulture, $"{elapsed}ms");
            return Task.CompletedTask;
        });
        return next(context);
    });
}
