using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Platform.Api.Http;

/// <summary>A row's version as an entity tag, and what a request demands of it.</summary>
internal static class EntityVersion
{
    /// <summary>Stands between a tag and the encoding its answer was compressed with: <c>"3+br"</c> is version 3, too.</summary>
    public const char EncodingMark = '+';

    /// <summary>Stands between a row's version and what tells apart other things its answer says: <c>"3.x1"</c> is version 3, too.</summary>
    public const char DetailMark = '.';

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

    /// <summary>Whether a request may change the row as it is: <see cref="Required"/> names its version or none.</summary>
    public static bool Allows(HttpRequest request, long version) => Required(request) is not { } versions || versions.Contains(version);

    /// <summary>Whether the client already has this version.</summary>
    public static bool IsNotModified(HttpRequest request, long version) =>
        request.Headers.IfNoneMatch is { Count: > 0 } known && IsKnown(known, version.ToString(CultureInfo.InvariantCulture));

    /// <summary>Whether one of the tags in <c>If-None-Match</c> is this one, compared weakly, whatever encoding it is of.</summary>
    /// <param name="tag">Without quotes.</param>
    public static bool IsKnown(in StringValues ifNoneMatch, ReadOnlySpan<char> tag)
    {
        for (var index = 0; index < ifNoneMatch.Count; index++)
        {
            var list = ifNoneMatch[index].AsSpan();
            foreach (var range in list.Split(','))
            {
                var item = list[range].Trim();
                if (item is "*")
                    return true;
                item = item.StartsWith("W/", StringComparison.Ordinal) ? item[2..] : item;
                if (item.Length >= 2 && item[0] == '"' && item[^1] == '"' && Plain(item[1..^1]).SequenceEqual(tag))
                    return true;
            }
        }
        return false;
    }

    private static long? Parse(EntityTagHeaderValue tag) =>
        long.TryParse(Until(DetailMark, Plain(tag.Tag.AsSpan().Trim('"'))), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    private static ReadOnlySpan<char> Plain(ReadOnlySpan<char> tag) => Until(EncodingMark, tag);

    private static ReadOnlySpan<char> Until(char mark, ReadOnlySpan<char> text) => text.IndexOf(mark) is >= 0 and var end ? text[..end] : text;
}
