using System.Net.Http.Json;

namespace Platform.Api.Tests;

internal static class Changes
{
    /// <summary>Changes a row, from a version if one is named.</summary>
    public static Task<HttpResponseMessage> ChangeAsync(
        this HttpClient client, HttpMethod method, string url, object? body = null, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(method, url) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return client.SendAsync(request);
    }
}
