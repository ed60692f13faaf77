using Platform.Data.Contacts;

namespace Platform.Api.Http;

/// <summary>The error answers endpoints give. Details are sentences for the client's developer or user.</summary>
internal static class Problems
{
    public static ProblemResult BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static ProblemResult Unauthorized(string detail) => new(StatusCodes.Status401Unauthorized, detail);

    /// <summary>The member <c>feature</c> says which, in the words of the plan.</summary>
    public static ProblemResult PlanRequired(string feature) => new(
        StatusCodes.Status402PaymentRequired, $"The tenant's plan doesn't include {feature.Replace('_', ' ')}.",
        members: new Dictionary<string, object?> { ["feature"] = feature });

    /// <summary>Something the plan counts is used up; the members <c>limit</c>, <c>used</c> and <c>allowed</c> say what.</summary>
    public static ProblemResult PlanExhausted(string limit, long used, long allowed) => new(
        StatusCodes.Status402PaymentRequired, $"The tenant's plan has {allowed} {limit.Replace('_', ' ')}, of which {used} are taken.",
        members: new Dictionary<string, object?> { ["limit"] = limit, ["used"] = used, ["allowed"] = allowed });

    public static ProblemResult Forbidden(string detail) => new(StatusCodes.Status403Forbidden, detail);

    public static ProblemResult NotFound(string what) => new(StatusCodes.Status404NotFound, $"There is no such {what}.");

    public static ProblemResult Conflict(string detail, string? field = null) =>
        new(StatusCodes.Status409Conflict, detail, field is null ? null : new Dictionary<string, string[]> { [field] = [detail] });

    public static ProblemResult PreconditionFailed(string what) => new(
        StatusCodes.Status412PreconditionFailed, $"The {what} has changed since it was read. Read it again, then repeat the change.");

    public static ProblemResult TooLarge(string detail) => new(StatusCodes.Status413PayloadTooLarge, detail);

    public static ProblemResult UnsupportedMediaType(string detail) => new(StatusCodes.Status415UnsupportedMediaType, detail);

    public static ProblemResult Invalid(string field, string message) => Invalid([new FieldError(field, message)]);

    public static ProblemResult Invalid(IReadOnlyList<FieldError> errors) => new(
        StatusCodes.Status422UnprocessableEntity,
        string.Join(' ', errors.Select(error => error.Message)),
        errors.GroupBy(error => error.Field).ToDictionary(group => group.Key, group => group.Select(error => error.Message).ToArray()));

    public static ProblemResult TooManyRequests(string detail, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, detail, retryAfter: retryAfter);

    public static ProblemResult Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, detail, retryAfter: TimeSpan.FromSeconds(5));
}
