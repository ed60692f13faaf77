using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
using Platform.Api.Features.Auth;
using Platform.Redis;

namespace Platform.Api.Http;

/// <summary>Gives exceptions that aren't faults of this service the status they deserve. Everything else stays a 500.</summary>
internal sealed partial class ApiExceptionHandler(ILogger<ApiExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read it.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }
        if (Problem(exception) is not { } problem)
            return false;
        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            LogUnavailable(exception);
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    private static ProblemResult? Problem(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.TooLarge("The body is too large."),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } =>
            Problems.UnsupportedMediaType("The body must be JSON, with Content-Type: application/json."),
        BadHttpRequestException bad => new ProblemResult(bad.StatusCode, Describe(bad)),
        PersonRequiredException person => Problems.Forbidden(person.Message),
        RedisUnavailableException => Problems.Unavailable("A service this call needs can't be reached at the moment."),
        // No connection, a server shutting down, or a deadline: later is worth a try.
        NpgsqlException { IsTransient: true } or NpgsqlException { InnerException: TimeoutException } or TimeoutException =>
            Problems.Unavailable("The database can't be reached at the moment."),
        _ when exception.InnerException is NpgsqlException inner => Problem(inner),
        _ => null,
    };

    private static string Describe(BadHttpRequestException exception)
    {
        if (exception.InnerException is JsonException json)
        {
            var place = json.Path is { Length: > 1 } path ? $" at '{path.TrimStart('$').TrimStart('.')}'" : "";
            return json.LineNumber is { } line
                ? $"The body isn't the JSON this call takes{place}, line {line + 1}."
                : $"The body isn't the JSON this call takes{place}.";
        }
        // The framework's message names the .NET type too; only the parameter's name is the client's business.
        return ParameterName().Match(exception.Message) is { Success: true } match
            ? $"The value of '{match.Groups[1].Value}' is missing or has the wrong form."
            : "The request is malformed.";
    }

    [GeneratedRegex("parameter \"[^\"]* (\\w+)\"")]
    private static partial Regex ParameterName();

    [LoggerMessage(2001, LogLevel.Warning, "A dependency is away")]
    private partial void LogUnavailable(Exception exception);
}
