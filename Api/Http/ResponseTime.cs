using System.Globalization;

namespace Platform.Api.Http;

/// <summary><c>X-Response-Time</c> on every answer: milliseconds from the request's arrival to the answer's first byte.</summary>
internal static class ResponseTime
{
    private static readonly string[] Texts = [.. Enumerable.Range(0, 1000).Select(Write)];

    public static IApplicationBuilder UseResponseTime(this IApplicationBuilder app)
    {
        var time = app.ApplicationServices.GetRequiredService<TimeProvider>();
        return app.Use(next => context =>
        {
            context.Response.OnStarting(static state => ((Arrival)state).Tell(), new Arrival(context.Response, time));
            return next(context);
        });
    }

    private static string Write(int milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");

    private sealed class Arrival(HttpResponse response, TimeProvider time)
    {
        private readonly long _at = time.GetTimestamp();

        public Task Tell()
        {
            var elapsed = (int)Math.Min(int.MaxValue, time.GetElapsedTime(_at).TotalMilliseconds);
            response.Headers["X-Response-Time"] = elapsed < Texts.Length ? Texts[elapsed] : Write(elapsed);
            return Task.CompletedTask;
        }
    }
}
