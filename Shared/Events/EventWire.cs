using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Platform.Events;

/// <summary>Writes and reads <see cref="EventEnvelope"/> as the JSON that lies in Redis.</summary>
internal static partial class EventWire
{
    /// <summary>
    /// The envelope without its opening brace: the script that knows the number puts <c>{"id":n,</c> before it.
    /// </summary>
    /// <exception cref="ArgumentException">The type or the channel isn't a plain name.</exception>
    public static ReadOnlyMemory<byte> Write(TenantEvent tenantEvent, string? traceParent, DateTimeOffset time)
    {
        if (!IsName(tenantEvent.Type) || tenantEvent.Channel is { } name && !IsName(name))
            throw new ArgumentException($"'{tenantEvent.Type}' on '{tenantEvent.Channel}' isn't a type and a channel.", nameof(tenantEvent));
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("type"u8, tenantEvent.Type);
        if (tenantEvent.Channel is { } channel)
            json.WriteString("channel"u8, channel);
        json.WritePropertyName("data"u8);
        if (tenantEvent.Data.ValueKind == JsonValueKind.Undefined)
            json.WriteRawValue("{}"u8);
        else
            tenantEvent.Data.WriteTo(json);
        if (traceParent is not null)
            json.WriteString("traceparent"u8, traceParent);
        json.WriteString("time"u8, time);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory[1..];
    }

    /// <summary>Null for anything that isn't an event of ours.</summary>
    public static EventEnvelope? Read(byte[]? wire)
    {
        if (wire is null)
            return null;
        try
        {
            var envelope = JsonSerializer.Deserialize(wire, EventWireJson.Default.EventEnvelope);
            // Type and channel go into line-based protocols: nobody gets to put a line break there.
            return envelope is { Id: > 0 } && IsName(envelope.Type) && (envelope.Channel is null || IsName(envelope.Channel))
                ? envelope
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static bool IsName(string? text) => text is not null && Name().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9_.:\-]{1,200}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(EventEnvelope))]
[JsonSerializable(typeof(TicketHolder))]
internal sealed partial class EventWireJson : JsonSerializerContext;
