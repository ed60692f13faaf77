using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Aspire.Hosting.Testing;

namespace Platform.EndToEnd.Tests;

/// <summary>A client of Realtime's server-sent events, as any other would be.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private EventStream(HttpClient client, HttpResponseMessage response, Stream stream)
    {
        _client = client;
        _response = response;
        _items = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();
    }

    /// <summary>Connects with the token of a signed-in client of Api.</summary>
    public static async Task<EventStream> OpenAsync(PlatformFixture platform, HttpClient signedIn)
    {
        var client = new HttpClient { BaseAddress = platform.Application.GetEndpoint("realtime"), Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = signedIn.DefaultRequestHeaders.Authorization;
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        var response = await client.GetAsync(new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new EventStream(client, response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>Reads up to and including the first event of a type.</summary>
    public async Task<IReadOnlyList<(string Type, JsonElement Data)>> ReadUntilAsync(string type, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        var read = new List<(string Type, JsonElement Data)>();
        while (await _items.MoveNextAsync().AsTask().WaitAsync(limit.Token))
        {
            var item = _items.Current;
            read.Add((item.EventType, item.Data.StartsWith('{') ? JsonSerializer.Deserialize<JsonElement>(item.Data) : default));
            if (item.EventType == type)
                return read;
        }
        throw new InvalidOperationException($"The stream ended before {type}; it had {string.Join(", ", read.Select(e => e.Type))}.");
    }

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        _client.Dispose();
        try
        {
            await _items.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // A read given up on is still under way: the connection is closed, which is what matters.
        }
    }
}
