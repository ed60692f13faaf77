using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platform.Jobs.Internal;

/// <summary>How payloads and results are written: camelCase, one cached set of options for the process.</summary>
internal static class JobJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>1 MB: more belongs in a table or a file that the payload names.</summary>
    public const int MaxPayloadBytes = 1024 * 1024;

    /// <summary>A payload somebody wrote by hand.</summary>
    /// <exception cref="JobException">It isn't JSON, or too large.</exception>
    public static byte[] Checked(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MaxPayloadBytes)
            throw new JobException($"The payload has {payload.Length:N0} bytes; a job carries at most 1 MB.");
        try
        {
            using var document = JsonDocument.Parse(payload);
        }
        catch (JsonException e)
        {
            throw new JobException("The payload is not JSON.", e);
        }

        return payload.ToArray();
    }

    /// <exception cref="JobException">The payload is too large.</exception>
    public static byte[] Payload<TPayload>(TPayload payload)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(payload, Options);
        return bytes.Length <= MaxPayloadBytes
            ? bytes
            : throw new JobException($"The payload of {typeof(TPayload).Name} has {bytes.Length:N0} bytes; a job carries at most 1 MB.");
    }
}
