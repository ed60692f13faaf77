using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Platform.Realtime.Connections;
using Platform.Realtime.Feeds;

namespace Platform.Realtime.EventStream;

/// <summary>Writes one client's stream until the client goes, its token expires or the service stops.</summary>
internal sealed class EventStreamWriter(IOptions<RealtimeOptions> options, TimeProvider time)
{
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(1);

    public async Task WriteAsync(HttpContext context, RealtimeConnection connection)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store, no-transform";
        // Proxies of the nginx family would collect the stream otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var body = response.BodyWriter;
        try
        {
            await FollowAsync(body, connection);
        }
        catch (OperationCanceledException) when (connection.End.IsCancellationRequested)
        {
            if (!await TrySayGoodbyeAsync(body, connection))
                context.Abort();
        }
    }

    private async Task FollowAsync(PipeWriter body, RealtimeConnection connection)
    {
        var reader = connection.Reader;
        // The number to resume from is told at once: a client that never gets an event can resume too.
        var told = reader.Position;
        Write(body, $"retry: {(long)options.Value.ReconnectDelay.TotalMilliseconds}\n");
        Write(body, told is { } start ? $"id: {start}\n: connected\n\n" : ": connected\n\n");
        await body.FlushAsync(connection.End);

        var batch = new List<EventFrame>();
        while (true)
        {
            var signal = await reader.NextAsync(batch, connection.End);
            switch (signal)
            {
                case FeedSignal.Events:
                    foreach (var frame in batch)
                        body.Write(frame.EventStream.Span);
                    told = batch[^1].Id;
                    break;
                case FeedSignal.Resync:
                    told = reader.Position;
                    Write(body, $"id: {told}\nevent: resync\ndata: {{\"lastEventId\":{told}}}\n\n");
                    connection.Resynced();
                    break;
                default:
                    // Moves the number on past events that weren't for this client, so that it doesn't fall out of the window.
                    Write(body, reader.Position is { } position && position != told ? $"id: {position}\n: \n\n" : ": \n\n");
                    told = reader.Position;
                    break;
            }
            await body.FlushAsync(connection.End);
            if (signal == FeedSignal.Events)
                connection.Delivered(batch, time);
        }
    }

    private async Task<bool> TrySayGoodbyeAsync(PipeWriter body, RealtimeConnection connection)
    {
        if (connection.EndReason is not { } reason)
            return true;
        var delay = (int)options.Value.ReconnectDelay.TotalMilliseconds;
        // Spread over time, so that a thousand clients of a stopping replica don't knock on the next one together.
        if (reason == "shutdown")
            delay += RandomNumberGenerator.GetInt32(delay);
        Write(body, $"retry: {delay}\nevent: closing\ndata: {{\"reason\":\"{reason}\",\"retry\":{delay}}}\n\n");
        using var longest = new CancellationTokenSource(LongestGoodbye, time);
        try
        {
            await body.FlushAsync(longest.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false; // The client doesn't read; ending the response in good order would wait for it.
        }
    }

    private static void Write(PipeWriter body, string text) => Encoding.UTF8.GetBytes(text, body);
}
