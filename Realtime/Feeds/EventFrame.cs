using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Platform.Events;

namespace Platform.Realtime.Feeds;

/// <summary>An event ready to be sent: written once for each protocol, however many clients get it.</summary>
internal sealed class EventFrame(EventEnvelope envelope)
{
    private readonly Lazy<byte[]> _eventStream = new(() => WriteEventStream(envelope));
    private readonly Lazy<SerializedHubMessage> _hub = new(() => new SerializedHubMessage(
        new InvocationMessage("event", [new HubEvent(envelope.Id, envelope.Type, envelope.Channel, envelope.Data, envelope.Time)])));

    public long Id => envelope.Id;

    public string? Channel => envelope.Channel;

    public DateTimeOffset Time => envelope.Time;

    /// <summary>The permission a user needs to see it; null when everybody of the tenant may.</summary>
    public string? Permission { get; } = EventPermissions.For(envelope.Type);

    /// <summary>The event in the text/event-stream format, with its closing empty line.</summary>
    public ReadOnlyMemory<byte> EventStream => _eventStream.Value;

    public SerializedHubMessage Hub => _hub.Value;

    private static byte[] WriteEventStream(EventEnvelope envelope)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        // The type was checked to be a plain name when the envelope was read; it holds no line break.
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {envelope.Id}\nevent: {envelope.Type}\ndata: "), buffer);
        var raw = JsonMarshal.GetRawUtf8Value(envelope.Data);
        if (raw.IndexOfAny((byte)'\r', (byte)'\n') < 0)
        {
            buffer.Write(raw);
        }
        else
        {
            // Indented JSON has line breaks, which would end the data line; writing it anew leaves them out.
            using var json = new Utf8JsonWriter(buffer);
            envelope.Data.WriteTo(json);
        }
        buffer.Write("\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>An event as the hub sends it.</summary>
internal sealed record HubEvent(long Id, string Event, string? Channel, JsonElement Data, DateTimeOffset Time);
