using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Realtime.Tests;

/// <summary>Reads a stream of server-sent events as a browser does.</summary>
internal sealed class EventStreamClient : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;
    private readonly List<ServerEvent> _events = [];
    private readonly Task _reading;

    private EventStreamClient(HttpClient client, HttpResponseMessage response)
    {
        (_client, _response) = (client, response);
        _reading = ReadAsync();
    }

    public HttpResponseMessage Response => _response;

    public IReadOnlyList<ServerEvent> Events
    {
        get
        {
            lock (_events)
                return [.. _events];
        }
    }

    /// <summary>What a browser would send as Last-Event-ID.</summary>
    public long? LastEventId { get; private set; }

    public int? Retry { get; private set; }

    public int Comments { get; private set; }

    /// <summary>Whether the server has ended the stream.</summary>
    public bool Ended => _reading.IsCompleted;

    public static async Task<EventStreamClient> OpenAsync(Uri address, string? token, long? lastEventId = null, string query = "")
    {
        // Closes at once: the default reads on for two seconds in the hope of using the connection again.
        var client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = address };
        var request = new HttpRequestMessage(HttpMethod.Get, "/events" + query);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (lastEventId is { } id)
            request.Headers.Add("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var stream = new EventStreamClient(client, response);
        await Eventually.TrueAsync(() => stream.Retry is not null, message: "The stream never began.");
        return stream;
    }

    public Task ReceivedAsync(int count, TimeSpan? timeout = null) => Eventually.TrueAsync(
        () => Events.Count >= count, timeout ?? TimeSpan.FromSeconds(20), $"{count} events were expected.");

    /// <summary>Waits for an event of that type.</summary>
    public async Task<ServerEvent> ReceivedAsync(string type, TimeSpan? timeout = null)
    {
        ServerEvent? found = null;
        await Eventually.TrueAsync(
            () => (found = Events.FirstOrDefault(received => received.Type == type)) is not null, timeout, $"'{type}' was expected.");
        return found!;
    }

    public Task EndedAsync(TimeSpan? timeout = null) => Eventually.TrueAsync(() => Ended, timeout, "The server didn't end the stream.");

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        _client.Dispose();
        await _reading;
    }

    private async Task ReadAsync()
    {
        await Task.Yield();
        try
        {
            using var lines = new StreamReader(await _response.Content.ReadAsStreamAsync());
            string? type = null, data = null;
            while (await lines.ReadLineAsync() is { } line)
            {
                if (line.Length == 0)
                {
                    if (data is not null)
                    {
                        lock (_events)
                            _events.Add(new ServerEvent(LastEventId, type ?? "message", JsonDocument.Parse(data).RootElement));
                    }
                    (type, data) = (null, null);
                    continue;
                }
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                var value = line[(colon + 1)..].TrimStart(' ');
                switch (line[..colon])
                {
                    case "": Comments++; break;
                    case "id": LastEventId = long.Parse(value, CultureInfo.InvariantCulture); break;
                    case "event": type = value; break;
                    case "data": data = value; break;
                    case "retry": Retry = int.Parse(value, CultureInfo.InvariantCulture); break;
                    default: throw new InvalidDataException(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException)
        {
            // Cut off.
        }
    }
}

internal sealed record ServerEvent(long? Id, string Type, JsonElement Data)
{
    public int Number => Data.GetProperty("number").GetInt32();
}
