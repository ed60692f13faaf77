using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Platform.Web.Backend;

/// <summary>Turns an unsuccessful answer (RFC 9457, or whatever a proxy in between wrote) into an <see cref="ApiProblem"/>.</summary>
internal static class ProblemReader
{
    /// <summary>Bodies beyond this many bytes aren't read: a problem is short.</summary>
    private const int MaxBytes = 64 * 1024;

    public static async Task<ApiProblem> ReadAsync(HttpResponseMessage response, TimeProvider clock, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(response.Content, cancellationToken);
        return Parse(response.StatusCode, body, WaitOf(response.Headers.RetryAfter, clock));
    }

    public static ApiProblem Parse(HttpStatusCode status, string? body, TimeSpan? retryAfter)
    {
        var failure = FailureOf(status);
        var errors = new Dictionary<string, string[]>();
        string? detail = null, traceId = null;
        if (TryParse(body) is { } document)
        {
            using (document)
            {
                detail = Text(document.RootElement, "detail") ?? Text(document.RootElement, "title");
                traceId = Text(document.RootElement, "traceId");
                ReadErrors(document.RootElement, errors);
            }
        }
        return new ApiProblem(failure, (int)status, Describe(failure, detail, retryAfter), errors, retryAfter, traceId);
    }

    internal static TimeSpan? WaitOf(RetryConditionHeaderValue? header, TimeProvider clock)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - clock.GetUtcNow() : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static ApiFailure FailureOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => ApiFailure.SignedOut,
        HttpStatusCode.PaymentRequired => ApiFailure.PlanRequired,
        HttpStatusCode.Forbidden => ApiFailure.Forbidden,
        HttpStatusCode.NotFound or HttpStatusCode.Gone => ApiFailure.NotFound,
        HttpStatusCode.Conflict => ApiFailure.Conflict,
        HttpStatusCode.PreconditionFailed => ApiFailure.Changed,
        HttpStatusCode.RequestEntityTooLarge => ApiFailure.TooLarge,
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.UnsupportedMediaType => ApiFailure.Invalid,
        HttpStatusCode.TooManyRequests => ApiFailure.RateLimited,
        HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => ApiFailure.Unavailable,
        _ => ApiFailure.Unexpected,
    };

    /// <summary>
    /// The service's own words where they help (what was wrong with the input), the product's where they would not
    /// (limits, outages, faults).
    /// </summary>
    private static string Describe(ApiFailure failure, string? detail, TimeSpan? retryAfter) => failure switch
    {
        ApiFailure.SignedOut => "Your session has ended. Please sign in again.",
        ApiFailure.Forbidden => "Your role doesn't allow this. Ask an administrator of your workspace.",
        ApiFailure.PlanRequired => detail ?? "Your plan doesn't include this.",
        ApiFailure.NotFound => "It no longer exists.",
        ApiFailure.Conflict => detail ?? "It conflicts with something that already exists.",
        ApiFailure.Changed => "Changed by someone else meanwhile.",
        ApiFailure.TooLarge => "The file is too large.",
        ApiFailure.Invalid => detail ?? "Please check what you entered.",
        ApiFailure.RateLimited => $"Your workspace has sent too many requests. Try again {Wait(retryAfter)}.",
        ApiFailure.Unavailable => $"The service can't be reached at the moment. Try again {Wait(retryAfter)}.",
        _ => "Something went wrong on our side. It has been recorded.",
    };

    private static string Wait(TimeSpan? wait) => wait is { } time && time > TimeSpan.FromSeconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"in {Math.Ceiling(time.TotalSeconds):0} seconds")
        : "in a moment";

    private static async Task<string?> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) != true) return null;
        if (content.Headers.ContentLength > MaxBytes) return null;
        try
        {
            return await content.ReadAsStringAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null; // The status alone has to do.
        }
    }

    private static JsonDocument? TryParse(string? body)
    {
        if (string.IsNullOrWhiteSpace(body)) return null;
        try
        {
            var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // A body that isn't what its type says tells nothing; the status does.
        }
        return null;
    }

    private static string? Text(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    private static void ReadErrors(JsonElement problem, Dictionary<string, string[]> errors)
    {
        if (!problem.TryGetProperty("errors", out var fields) || fields.ValueKind != JsonValueKind.Object) return;
        foreach (var field in fields.EnumerateObject())
        {
            errors[field.Name] = field.Value.ValueKind switch
            {
                JsonValueKind.Array => [.. field.Value.EnumerateArray()
                    .Where(message => message.ValueKind == JsonValueKind.String)
                    .Select(message => message.GetString()!)],
                JsonValueKind.String => [field.Value.GetString()!],
                _ => [],
            };
        }
    }
}
