using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Platform.Api.Http;

/// <summary>A row's version as an entity tag, and what a request demands of it.</summary>
internal static class EntityVersion
{
    public static EntityTagHeaderValue Tag(long version) => new($"\"{version.ToString(CultureInfo.InvariantCulture)}\"");

    public static void Write(HttpContext context, long version) => context.Response.Headers.ETag = Tag(version).ToString();

    /// <returns>
    /// Null when any version will do (no <c>If-Match</c>, or <c>*</c>); else the versions of which the row must have one,
    /// none if no tag can match.
    /// </returns>
    public static long[]? Required(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count == 0)
            return null;
        var tags = request.GetTypedHeaders().IfMatch;
        if (tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any)))
            return null;
        // Weak tags never match here (RFC 9110, 13.1.1).
        return [.. tags.Where(tag => !tag.IsWeak).Select(Parse).OfType<long>()];
    }

    /// <summary>Whether the client already has this version.</summary>
    public static bool IsNotModified(HttpRequest request, long version) =>
        request.GetTypedHeaders().IfNoneMatch.Any(
            tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(Tag(version), useStrongComparison: false));

    private static long? Parse(EntityTagHeaderValue tag) =>
        long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
