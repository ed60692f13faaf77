using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Platform.Api.Http;

/// <summary>How an answer may be encoded.</summary>
internal enum AcceptedEncoding
{
    Plain,
    Gzip,
    Brotli,
}

/// <summary>Reads <c>Accept-Encoding</c> without allocating.</summary>
internal static class EncodingChoice
{
    /// <summary>The one with the highest weight; Brotli before gzip when they are alike.</summary>
    public static AcceptedEncoding Of(in StringValues header)
    {
        var (best, bestWeight) = (AcceptedEncoding.Plain, 0f);
        for (var index = 0; index < header.Count; index++)
        {
            var list = header[index].AsSpan();
            foreach (var range in list.Split(','))
            {
                var item = list[range];
                var end = item.IndexOf(';');
                var offered = Named((end < 0 ? item : item[..end]).Trim());
                if (offered == AcceptedEncoding.Plain)
                    continue;
                var weight = end < 0 ? 1f : Weight(item[(end + 1)..].Trim());
                if (weight > bestWeight || (weight == bestWeight && weight > 0 && offered > best))
                    (best, bestWeight) = (offered, weight);
            }
        }
        return best;
    }

    private static AcceptedEncoding Named(ReadOnlySpan<char> name) =>
        name.Equals("br", StringComparison.OrdinalIgnoreCase) ? AcceptedEncoding.Brotli
        : name.Equals("gzip", StringComparison.OrdinalIgnoreCase) ? AcceptedEncoding.Gzip
        : AcceptedEncoding.Plain;

    private static float Weight(ReadOnlySpan<char> parameter) =>
        parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
        && float.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
            ? weight
            : 0;
}
