using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Realtime.Tests;

/// <summary>Speaks SignalR's JSON protocol over a plain WebSocket.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private const char End = '\u001e';

    private readonly ClientWebSocket _socket;
    private readonly List<JsonElement> _messages = [];
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;
    private int _invocations;

    private HubClient(ClientWebSocket socket) => _socket = socket;

    public bool Ended => _reading.IsCompleted;

    /// <summary>The arguments of every <c>event</c> the server sent.</summary>
    public IReadOnlyList<JsonElement> Events => Sent("event");

    public static async Task<HubClient> OpenAsync(Uri address, string? token, string query = "", string? origin = null)
    {
        var socket = new ClientWebSocket();
        if (token is not null)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        socket.Options.CollectHttpResponseDetails = true;
        var client = new HubClient(socket);
        await socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = "/hub", Query = query }.Uri, CancellationToken.None);
        await client.SendAsync(new { protocol = "json", version = 1 });
        client._reading = client.ReadAsync();
        await Eventually.TrueAsync(() => client.Sent("ready").Count == 1, message: "The hub never got ready.");
        return client;
    }

    public IReadOnlyList<JsonElement> Sent(string target)
    {
        lock (_messages)
        {
            return [.. _messages.Where(message => Type(message) == 1 && message.GetProperty("target").GetString() == target)
                .Select(message => message.GetProperty("arguments")[0])];
        }
    }

    /// <summary>Calls the hub and returns its completion message.</summary>
    public async Task<JsonElement> InvokeAsync(string target, params object[] arguments)
    {
        var id = Interlocked.Increment(ref _invocations).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await SendAsync(new { type = 1, invocationId = id, target, arguments });
        JsonElement? completion = null;
        await Eventually.TrueAsync(() =>
        {
            lock (_messages)
                completion = _messages.Cast<JsonElement?>().FirstOrDefault(m => Type(m!.Value) == 3 && m.Value.GetProperty("invocationId").GetString() == id);
            return completion is not null;
        });
        return completion!.Value;
    }

    public bool HasClosed()
    {
        lock (_messages)
            return _messages.Any(message => Type(message) == 7);
    }

    public Task ReceivedAsync(int count) =>
        Eventually.TrueAsync(() => Events.Count >= count, TimeSpan.FromSeconds(20), $"{count} events were expected.");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
        _stop.Dispose();
    }

    private static int Type(JsonElement message) => message.TryGetProperty("type", out var type) ? type.GetInt32() : 0;

    private async Task SendAsync(object message)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(
                Encoding.UTF8.GetBytes(JsonSerializer.Serialize(message) + End), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReadAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        var decoder = Encoding.UTF8.GetDecoder();
        var chars = new char[buffer.Length];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), _stop.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stop.Token);
                    return;
                }
                text.Append(chars, 0, decoder.GetChars(buffer, 0, received.Count, chars, 0));
                var parts = text.ToString().Split(End);
                lock (_messages)
                    _messages.AddRange(parts[..^1].Select(part => JsonDocument.Parse(part).RootElement));
                text.Clear().Append(parts[^1]);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // Cut off, or disposed.
        }
    }
}
