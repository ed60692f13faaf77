namespace Platform.Web.Backend;

/// <summary>Why a call failed, in words that may be shown to the user.</summary>
/// <param name="Status">The answer's HTTP status; 0 when there was no answer.</param>
/// <param name="Detail">One or two sentences.</param>
/// <param name="Errors">Messages by field, names in camelCase as the API sends them; empty when none.</param>
/// <param name="RetryAfter">How long to wait before trying again, if the service said so.</param>
/// <param name="TraceId">What support needs to find the request.</param>
public sealed record ApiProblem(
    ApiFailure Failure,
    int Status,
    string Detail,
    IReadOnlyDictionary<string, string[]> Errors,
    TimeSpan? RetryAfter = null,
    string? TraceId = null)
{
    private static readonly Dictionary<string, string[]> NoErrors = [];

    public static ApiProblem Of(ApiFailure failure, string detail, int status = 0, TimeSpan? retryAfter = null) =>
        new(failure, status, detail, NoErrors, retryAfter);

    /// <summary>The messages for one field, matched without regard to case.</summary>
    public string? For(string field) =>
        Errors.FirstOrDefault(error => string.Equals(error.Key, field, StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 } messages
            ? string.Join(' ', messages)
            : null;
}
