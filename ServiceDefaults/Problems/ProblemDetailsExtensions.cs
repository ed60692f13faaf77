using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults;

/// <summary>Errors as RFC 9457 problem details, for services whose clients are programs.</summary>
public static class ProblemDetailsExtensions
{
    /// <summary>
    /// Every error answer without a body, and every unhandled exception, becomes <c>application/problem+json</c> with
    /// <c>traceId</c> (32 hex digits) and nothing internal. Goes with <see cref="UsePlatformProblemDetails"/>.
    /// </summary>
    public static TBuilder AddPlatformProblemDetails<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = problem =>
            problem.ProblemDetails.Extensions["traceId"] =
                Activity.Current?.TraceId.ToHexString() ?? problem.HttpContext.TraceIdentifier);

        // Before the default, which gives up when the client accepts anything but JSON: an error must have a body all the same.
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IProblemDetailsWriter, AlwaysProblemDetailsWriter>());
        return builder;
    }

    /// <summary>Place it before everything whose errors it shall turn into problem details.</summary>
    public static IApplicationBuilder UsePlatformProblemDetails(this IApplicationBuilder app) =>
        app.UseExceptionHandler(new ExceptionHandlerOptions
            {
                // A request the server or the framework rejected keeps the status it was rejected with: 400, 413, 408 …
                StatusCodeSelector = exception => exception is BadHttpRequestException bad
                    ? bad.StatusCode
                    : StatusCodes.Status500InternalServerError,
            })
            .UseStatusCodePages();
}
