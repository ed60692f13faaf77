using System.Net;
using Polly;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

public static class HttpClientResiliencePredicates
{
    /// <summary>True for status 408, 429 and 500 or above, for connection errors and for an attempt that took too long.</summary>
    public static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Result.StatusCode: >= HttpStatusCode.InternalServerError } => true,
        { Result.StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests } => true,
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        _ => false,
    };
}
