using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Platform.Api.Http;
using Platform.Data.Webhooks;

namespace Platform.Api.Features.Webhooks;

/// <summary>Takes a call's body in as it is: signatures are of the bytes.</summary>
internal static class WebhookBody
{
    /// <summary>What is wrong with it by the headers, of which nothing has to be read; null for nothing.</summary>
    public static ProblemResult? Check(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || request.Headers.ContentEncoding.Count > 0)
            return Problems.UnsupportedMediaType("The body must be JSON as it is, with Content-Type: application/json.");
        return request.ContentLength > WebhookPayload.MaxBytes ? TooLarge() : null;
    }

    public static async Task<(byte[]? Body, ProblemResult? Problem)> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = context.Request;
        // For bodies that don't say how long they are.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = WebhookPayload.MaxBytes;
        using var body = new MemoryStream((int)(request.ContentLength ?? 4096));
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (body.Length + read > WebhookPayload.MaxBytes)
                    return (null, TooLarge());
                body.Write(buffer, 0, read);
            }
        }
        catch (BadHttpRequestException exception)
        {
            return (null, exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge()
                : Problems.BadRequest("The body couldn't be read."));
        }
        return (body.ToArray(), null);
    }

    private static ProblemResult TooLarge() => Problems.TooLarge($"The body may have {WebhookPayload.MaxBytes / 1024} KiB.");
}
