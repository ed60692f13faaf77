using System.Text.Json;

namespace Platform.Api.Http;

/// <summary>Answers that are one row, with its version as <c>ETag</c>.</summary>
internal static class RowAnswer
{
    public static IResult Ok<T>(HttpContext context, T row)
        where T : IVersioned
    {
        EntityVersion.Write(context, row.Version);
        return TypedResults.Ok(row);
    }

    /// <summary>200, or 304 for who has this version; for rows that aren't cached.</summary>
    public static IResult Get<T>(HttpContext context, T? row, string what)
        where T : class, IVersioned
    {
        if (row is null)
            return Problems.NotFound(what);
        var answer = Ok(context, row);
        return EntityVersion.IsNotModified(context.Request, row.Version)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : answer;
    }

    /// <summary>The same for a row whose answer is <see cref="IVersioned.IsComposed"/>: its tag stands for all of it.</summary>
    public static IResult GetComposed<T>(HttpContext context, T? row, string what, JsonSerializerOptions options)
        where T : class, IVersioned
    {
        if (row is null)
            return Problems.NotFound(what);
        var answer = CachedAnswer.Create(JsonSerializer.SerializeToUtf8Bytes(row, options), row, pagination: null);
        context.Response.Headers.ETag = answer.Body.ETag;
        return answer.IsKnownTo(context.Request) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(row);
    }

    /// <summary>Why a statement that asked for id and version changed nothing: there is no such row (404), or its version is another (412).</summary>
    /// <param name="row">What there is of that id.</param>
    public static ProblemResult Unchanged<T>(T? row, string what)
        where T : class =>
        row is null ? Problems.NotFound(what) : Problems.PreconditionFailed(what);

    public static StoredResponse Created<T>(string location, T row, JsonSerializerOptions options)
        where T : IVersioned =>
        StoredResponse.Created(location, row, options, EntityVersion.Tag(row.Version).ToString());
}
