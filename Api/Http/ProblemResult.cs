using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace Platform.Api.Http;

/// <summary>An error answer. It goes the same way as those of the framework, so that all have the same members.</summary>
/// <param name="members">What it has beside those, for programs.</param>
internal sealed class ProblemResult(
    int status, string detail, IDictionary<string, string[]>? errors = null, TimeSpan? retryAfter = null,
    IReadOnlyDictionary<string, object?>? members = null) : IResult
{
    public int Status => status;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        if (retryAfter is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        var problem = errors is null ? new ProblemDetails() : new HttpValidationProblemDetails(errors) { Title = null };
        problem.Status = status;
        problem.Detail = detail;
        foreach (var (name, value) in members ?? new Dictionary<string, object?>())
            problem.Extensions[name] = value;
        await httpContext.RequestServices.GetRequiredService<IProblemDetailsService>()
            .WriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }
}
