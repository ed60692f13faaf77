using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace Platform.Api.Http;

/// <summary>An error answer. It goes the same way as those of the framework, so that all have the same members.</summary>
internal sealed class ProblemResult(
    int status, string detail, IDictionary<string, string[]>? errors = null, TimeSpan? retryAfter = null) : IResult
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
        await httpContext.RequestServices.GetRequiredService<IProblemDetailsService>()
            .WriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }
}
