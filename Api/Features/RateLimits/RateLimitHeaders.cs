using System.Globalization;

namespace Platform.Api.Features.RateLimits;

/// <summary>
/// The well-known <c>X-RateLimit-*</c> (reset in Unix seconds) and the standard's <c>RateLimit</c> and
/// <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers; times in seconds from now).
/// </summary>
internal static class RateLimitHeaders
{
    private static readonly string[] Numbers = [.. Enumerable.Range(0, 4096).Select(Write)];

    private static readonly Second[] Recent = [.. Enumerable.Range(0, 256).Select(_ => new Second(0, "0"))];

    /// <param name="further">What became of the request under a further limit, if it has one.</param>
    public static void Set(HttpResponse response, in RateDecision decision, RateDecision? further, DateTimeOffset now)
    {
        var headers = response.Headers;
        headers["X-RateLimit-Limit"] = decision.Quota.LimitText;
        headers["X-RateLimit-Remaining"] = Text(decision.Remaining);
        headers["X-RateLimit-Reset"] = Text(now.ToUnixTimeSeconds() + Seconds(decision.ResetAfter));
        if (further is { } other && other.Quota != decision.Quota)
        {
            headers["RateLimit"] = $"{Item(decision)}, {Item(other)}";
            headers["RateLimit-Policy"] = $"{decision.Quota.PolicyText}, {other.Quota.PolicyText}";
            return;
        }
        headers["RateLimit"] = Item(decision);
        headers["RateLimit-Policy"] = decision.Quota.PolicyText;
    }

    private static string Item(in RateDecision decision) =>
        string.Concat(decision.Quota.ItemText, Text(decision.Remaining), ";t=", Text(Seconds(decision.ResetAfter)));

    private static long Seconds(long micros) => (micros + 999_999) / 1_000_000;

    private static string Text(long number)
    {
        if (number < Numbers.Length)
            return Numbers[number];
        // Unix seconds: the same few for thousands of requests.
        var slot = (int)(number % Recent.Length);
        var known = Volatile.Read(ref Recent[slot]);
        if (known.Number != number)
            Volatile.Write(ref Recent[slot], known = new Second(number, number.ToString(CultureInfo.InvariantCulture)));
        return known.Text;
    }

    private static string Write(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Second(long Number, string Text);
}
