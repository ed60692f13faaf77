using System.Buffers;
using System.Text.Json;

namespace Platform.Api.Features.Jobs;

/// <summary>
/// A payload for those who may know what a job is about but not what is in it: names, ids, truth values and the shape stay, texts
/// and numbers, which may be addresses or secrets, don't.
/// </summary>
internal static class PayloadMask
{
    private const string Masked = "***";

    public static JsonElement Mask(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, document.RootElement);
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null:
                element.WriteTo(writer);
                break;
            case JsonValueKind.String when element.TryGetGuid(out _):
                element.WriteTo(writer);
                break;
            default:
                writer.WriteStringValue(Masked);
                break;
        }
    }
}
