using System.Buffers.Text;
using System.Security.Cryptography;

namespace Platform.Api.Http;

/// <summary>
/// Answers that are the same for everybody: the OpenAPI document and what services need to verify tokens. They get a strong
/// <c>ETag</c>; the document, which is costly to make and never changes while the process runs, is kept by the output cache.
/// </summary>
internal static class PublicAnswers
{
    private const string Document = "/openapi", WellKnown = "/.well-known";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public static void AddPublicAnswers(this IServiceCollection services) => services.AddOutputCache(options =>
        options.AddBasePolicy(policy => policy.With(context => IsUnder(context.HttpContext, Document)).Expire(Lifetime)));

    public static IApplicationBuilder UsePublicAnswers(this IApplicationBuilder app) =>
        app.UseWhen(
            context => HttpMethods.IsGet(context.Request.Method) && (IsUnder(context, Document) || IsUnder(context, WellKnown)),
            branch => branch.UseOutputCache().Use(TagAsync));

    private static bool IsUnder(HttpContext context, string folder) => context.Request.Path.StartsWithSegments(folder, StringComparison.Ordinal);

    /// <summary>Inside the output cache, which compares the tags of answers it has by itself.</summary>
    private static async Task TagAsync(HttpContext context, RequestDelegate next)
    {
        var body = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = body;
        }
        var bytes = buffer.ToArray();
        if (context.Response.StatusCode == StatusCodes.Status200OK)
        {
            var tag = Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, 12));
            context.Response.Headers.ETag = $"\"{tag}\"";
            if (EntityVersion.IsKnown(context.Request.Headers.IfNoneMatch, tag))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                context.Response.Headers.ContentType = default;
                return;
            }
        }
        if (bytes.Length > 0)
            await body.WriteAsync(bytes, context.RequestAborted);
    }
}
