using System.Text.Json;

namespace Platform.Api.Http;

/// <summary>A JSON answer in the form it can be kept and given again.</summary>
internal sealed record StoredResponse(int Status, Dictionary<string, string> Headers, byte[] Body) : IResult
{
    public static StoredResponse Created<T>(string location, T value, JsonSerializerOptions options, string? etag = null)
    {
        var headers = new Dictionary<string, string> { ["Location"] = location };
        if (etag is not null)
            headers["ETag"] = etag;
        return new StoredResponse(StatusCodes.Status201Created, headers, JsonSerializer.SerializeToUtf8Bytes(value, options));
    }

    /// <summary>
    /// What the first answer shows beyond the one that is kept, such as a secret; an answer that isn't to be kept stays as it is.
    /// </summary>
    /// <param name="value">Null for a request that was answered before.</param>
    public static IResult Showing<T>(IResult kept, T? value, JsonSerializerOptions options)
        where T : class =>
        value is not null && kept is StoredResponse response ? response with { Body = JsonSerializer.SerializeToUtf8Bytes(value, options) } : kept;

    /// <param name="location">Where to see what becomes of it.</param>
    public static StoredResponse Accepted<T>(string location, T value, JsonSerializerOptions options) => new(
        StatusCodes.Status202Accepted, new Dictionary<string, string> { ["Location"] = location },
        JsonSerializer.SerializeToUtf8Bytes(value, options));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        foreach (var (name, value) in Headers)
            response.Headers[name] = value;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = Body.Length;
        await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }
}
