using Microsoft.Extensions.Primitives;

namespace Platform.Api.Http;

/// <summary>Writes a finished answer out. One for each entry and <c>X-Cache-Hit</c>, shared by all requests.</summary>
internal sealed class CachedAnswerResult(CachedAnswer answer, string hit) : IResult
{
    public const string HitHeader = "X-Cache-Hit";

    // Kept by the browser, but asked for each time: the tag says whether it is still good.
    private static readonly StringValues
        CacheControl = "private, no-cache", Vary = "Accept-Encoding, Authorization", ContentType = "application/json; charset=utf-8";

    private readonly StringValues _hit = hit;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var body = answer.For(EncodingChoice.Of(request.Headers.AcceptEncoding));
        var headers = response.Headers;
        headers[HitHeader] = _hit;
        headers.ETag = body.ETag;
        headers.CacheControl = CacheControl;
        headers.Vary = Vary;
        if (answer.Link(request) is { } link)
            headers.Link = link;
        if (answer.IsKnownTo(request))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        headers.ContentType = ContentType;
        if (body.Encoding is { } encoding)
            headers.ContentEncoding = encoding;
        headers.ContentLength = body.Bytes.Length;
        return HttpMethods.IsHead(request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body.Bytes, 0, body.Bytes.Length, httpContext.RequestAborted);
    }
}
