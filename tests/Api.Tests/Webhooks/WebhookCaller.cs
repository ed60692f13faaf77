using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Platform.Api.Tests.Webhooks;

/// <summary>Another system that calls a source, made for one test.</summary>
internal sealed record WebhookCaller(string Id, string Path, string Secret, string? VerifyToken)
{
    public const string MetaSecret = "0123456789abcdef0123456789abcdef";

    public static async Task<WebhookCaller> CreateAsync(HttpClient admin, string provider = "generic")
    {
        var created = await admin.CreateAsync(
            "/api/admin/webhook-sources", new { provider, name = "Test", secret = provider == "meta" ? MetaSecret : null });
        return new WebhookCaller(
            created.Text("id"), created.Text("path"), provider == "meta" ? MetaSecret : created.Text("secret"),
            created.GetProperty("verifyToken").GetString());
    }

    /// <summary>Calls as Standard Webhooks says.</summary>
    public Task<HttpResponseMessage> CallAsync(
        HttpClient client, string body = "{}", string? id = null, DateTimeOffset? at = null, string? secret = null, string? signature = null)
    {
        id ??= $"msg_{Guid.NewGuid():N}";
        var time = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds();
        var key = Convert.FromBase64String((secret ?? Secret)["whsec_".Length..]);
        signature ??= $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{time}.{body}")))}";
        var request = Request(body);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", $"{time}");
        request.Headers.TryAddWithoutValidation("webhook-signature", signature);
        return client.SendAsync(request);
    }

    /// <summary>Calls as Meta does.</summary>
    public Task<HttpResponseMessage> CallMetaAsync(HttpClient client, string body, string? signature = null)
    {
        var request = Request(body);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body));
        request.Headers.Add("X-Hub-Signature-256", signature ?? $"sha256={Convert.ToHexStringLower(hash)}");
        return client.SendAsync(request);
    }

    public static async Task<string> TakenAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        var answer = await response.JsonAsync(HttpStatusCode.OK);
        Assert.True(answer.GetProperty("received").GetBoolean());
        return answer.ToString();
    }

    public static string WhatsApp(string from, string? id = null) => JsonSerializer.Serialize(new
    {
        @object = "whatsapp_business_account",
        entry = new[]
        {
            new { changes = new[] { new { field = "messages", value = new { messages = new[] { Message(from, id) } } } } },
        },
    });

    private static object Message(string from, string? id) =>
        new { from, id = id ?? $"wamid.{Guid.NewGuid():N}", type = "text", text = new { body = "Hi" } };

    private HttpRequestMessage Request(string body) => new(HttpMethod.Post, Path)
    {
        Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
    };
}
