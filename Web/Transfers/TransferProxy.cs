using System.Net.Http.Headers;
using Platform.Web.Backend;
using Platform.Web.Sessions;

namespace Platform.Web.Transfers;

/// <summary>Sends a request to the API as the signed-in user and streams the answer back.</summary>
internal sealed partial class TransferProxy(IHttpClientFactory clients, SessionTokens tokens, ILogger<TransferProxy> logger)
{
    public async Task<IResult> ForwardAsync(HttpContext context, string action, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var activity = WebTelemetry.Source.StartActivity(action);
        try
        {
            var session = SessionKey.Of(context.User);
            activity?.SetTag("tenant.id", session?.Tenant.ToString());
            var token = session is null ? null : await tokens.GetAccessTokenAsync(session, null, cancellationToken);
            if (token is null) return Results.Problem("Your session has ended. Please sign in again.", statusCode: StatusCodes.Status401Unauthorized);

            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await clients.CreateClient(BackendClients.Transfer)
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await RelayAsync(response, context.Response, cancellationToken);
            return Results.Empty;
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested)
        {
            LogAbandoned(action, e.GetType().Name);
            return Results.Empty;
        }
        catch (BadHttpRequestException e)
        {
            return Results.Problem("The upload could not be read.", statusCode: e.StatusCode);
        }
        catch (Exception e) when (ApiClient.IsOutage(e) && !context.Response.HasStarted)
        {
            LogFailed(action, e);
            return Results.Problem("The service can't be reached at the moment. Try again in a moment.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task RelayAsync(HttpResponseMessage from, HttpResponse to, CancellationToken cancellationToken)
    {
        to.StatusCode = (int)from.StatusCode;
        to.ContentType = from.Content.Headers.ContentType?.ToString();
        to.ContentLength = from.Content.Headers.ContentLength;
        to.Headers.CacheControl = "no-store";
        if (from.Content.Headers.ContentDisposition is { } disposition) to.Headers.ContentDisposition = disposition.ToString();
        if (from.Headers.RetryAfter is { } retry) to.Headers.RetryAfter = retry.ToString();
        await from.Content.CopyToAsync(to.Body, cancellationToken);
    }

    [LoggerMessage(5030, LogLevel.Debug, "The browser left during {Action} ({Cause})")]
    private partial void LogAbandoned(string action, string cause);

    [LoggerMessage(5031, LogLevel.Warning, "{Action} failed on its way to the API")]
    private partial void LogFailed(string action, Exception exception);
}
