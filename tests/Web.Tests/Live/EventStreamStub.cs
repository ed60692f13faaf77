using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Platform.Web.Tests.Live;

/// <summary>
/// An event stream whose connections a test can break, refuse or leave silent; the real service, which can't be told to fail,
/// is used in the tests of the whole.
/// </summary>
internal sealed class EventStreamStub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private Channel<string?> _frames = Channel.CreateUnbounded<string?>();

    private EventStreamStub()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/events", ServeAsync);
    }

    /// <summary>Each request: its token and its Last-Event-ID.</summary>
    public ConcurrentQueue<(string? Authorization, string? LastEventId)> Requests { get; } = new();

    /// <summary>Answers the next requests with these statuses before serving again.</summary>
    public ConcurrentQueue<int> Refusals { get; } = new();

    /// <summary>What clients are told to wait before they come back.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromMilliseconds(1);

    public Uri Address => new(_app.Urls.Single());

    public static async Task<EventStreamStub> StartAsync()
    {
        var stub = new EventStreamStub();
        await stub._app.StartAsync();
        return stub;
    }

    public void Send(long id, string type, string data) => _frames.Writer.TryWrite($"id: {id}\nevent: {type}\ndata: {data}\n\n");

    /// <summary>Cuts the connection without a word.</summary>
    public void Break() => _frames.Writer.TryWrite(null);

    /// <summary>Ends the connection properly, as the service does when the token expires.</summary>
    public void End()
    {
        var ended = Interlocked.Exchange(ref _frames, Channel.CreateUnbounded<string?>());
        ended.Writer.Complete();
    }

    public async ValueTask DisposeAsync()
    {
        _frames.Writer.TryComplete();
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        Requests.Enqueue((context.Request.Headers.Authorization, context.Request.Headers["Last-Event-ID"]));
        if (Refusals.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            return;
        }
        var frames = _frames;
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync($"retry: {(int)RetryAfter.TotalMilliseconds}\n: hello\n\n");
        await context.Response.Body.FlushAsync();
        try
        {
            await foreach (var frame in frames.Reader.ReadAllAsync(context.RequestAborted))
            {
                if (frame is null)
                {
                    context.Abort();
                    return;
                }
                await context.Response.WriteAsync(frame);
                await context.Response.Body.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The client left.
        }
    }
}
