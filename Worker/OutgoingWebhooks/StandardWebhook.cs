using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Platform.Data.Webhooks;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>A call as Standard Webhooks writes it.</summary>
internal static class StandardWebhook
{
    public const string Id = "webhook-id", Timestamp = "webhook-timestamp", Signature = "webhook-signature";

    private static readonly ProductInfoHeaderValue Agent = new("Platform-Webhooks", "1");

    /// <param name="id">The same in every attempt, and without a dot.</param>
    /// <param name="secrets">In clear; each signs.</param>
    public static HttpRequestMessage Create(Uri url, string id, DateTimeOffset at, string body, IEnumerable<string> secrets)
    {
        var (bytes, seconds) = (Encoding.UTF8.GetBytes(body), at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.UserAgent.Add(Agent);
        request.Headers.Add(Id, id);
        request.Headers.Add(Timestamp, seconds);
        request.Headers.Add(Signature, string.Join(' ', secrets.Select(secret => Sign(secret, id, seconds, bytes))));
        return request;
    }

    private static string Sign(string secret, string id, string seconds, byte[] body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{seconds}."), .. body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(WebhookSecrets.Key(secret), signed))}";
    }
}
