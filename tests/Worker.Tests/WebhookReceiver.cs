using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.Worker.Tests;

/// <summary>An endpoint of another system: a web server on loopback that keeps what it gets and answers as told.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<(IHeaderDictionary Headers, byte[] Body)> Calls { get; } = new();

    /// <summary>Answers a call; 204 unless it is set.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public string Url => $"{_app.Urls.Single()}/hook";

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.Run(async context =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var headers = new HeaderDictionary(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value));
            receiver.Calls.Enqueue((headers, body.ToArray()));
            await receiver.Answer(context);
        });
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>What a receiver makes of id, time and body with its secret; written down apart from the code under test.</summary>
    public static string Signature(string secret, IHeaderDictionary headers, byte[] body)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var text = string.Create(CultureInfo.InvariantCulture, $"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(body)}");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
