using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Platform.Identity;

/// <summary>Reads whom a token says it is from, believing nothing: only to choose who verifies it.</summary>
internal static class IssuerPeek
{
    private const int OnStack = 2048;

    /// <param name="token">Three parts with dots between, or anything else.</param>
    /// <param name="issuer">UTF-8.</param>
    public static bool IsFrom(ReadOnlySpan<char> token, ReadOnlySpan<byte> issuer)
    {
        var start = token.IndexOf('.') + 1;
        var length = start == 0 ? -1 : token[start..].IndexOf('.');
        if (length < 0)
            return false;
        var payload = token.Slice(start, length);
        var most = Base64Url.GetMaxDecodedLength(payload.Length);
        Span<byte> json = most <= OnStack ? stackalloc byte[OnStack] : new byte[most];
        return Base64Url.DecodeFromChars(payload, json, out _, out var written) == OperationStatus.Done && Names(json[..written], issuer);
    }

    private static bool Names(ReadOnlySpan<byte> json, ReadOnlySpan<byte> issuer)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIssuer = reader.ValueTextEquals("iss"u8);
                reader.Read();
                if (isIssuer)
                    return reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(issuer);
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Not a token; whoever verifies says so.
        }
        return false;
    }
}
