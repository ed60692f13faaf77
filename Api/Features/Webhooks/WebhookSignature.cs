using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Platform.Data.Webhooks;

namespace Platform.Api.Features.Webhooks;

/// <summary>
/// What a call proves itself with. Meta signs the body (<c>X-Hub-Signature-256: sha256=…</c>); others as Standard Webhooks says: id, time
/// and body (<c>webhook-signature: v1,… v1,…</c>).
/// </summary>
/// <param name="ExternalId">What the call is known by to its sender; a repeated one is taken once.</param>
/// <param name="Time">When it was sent, as signed; null when that isn't signed.</param>
internal sealed record WebhookSignature(string ExternalId, DateTimeOffset? Time, byte[][] Signatures, byte[] Signed)
{
    private const int MaxIdLength = 200, MaxSignatures = 10;

    /// <summary>Keys a source can have. Every call is checked against so many, so that it always takes as long.</summary>
    private const int Checks = 2;

    private static readonly byte[] Nobodys = RandomNumberGenerator.GetBytes(32);

    /// <returns>Null when the headers aren't what the provider sends.</returns>
    public static WebhookSignature? Read(string provider, IHeaderDictionary headers, byte[] body) =>
        provider == WebhookProviders.Meta ? ReadMeta(headers, body) : ReadStandard(headers, body);

    /// <summary>Whether one of the signatures was made with one of the source's keys.</summary>
    public bool IsOf(CallingSource? source)
    {
        var found = false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        for (var index = 0; index < Checks; index++)
        {
            var key = source?.Keys.ElementAtOrDefault(index);
            HMACSHA256.HashData(key ?? Nobodys, Signed, expected);
            foreach (var signature in Signatures)
                found |= CryptographicOperations.FixedTimeEquals(expected, signature) && key is not null;
        }
        return found;
    }

    private static WebhookSignature? ReadMeta(IHeaderDictionary headers, byte[] body)
    {
        const string Scheme = "sha256=";
        var signature = new byte[HMACSHA256.HashSizeInBytes];
        return headers["X-Hub-Signature-256"] is [{ Length: 71 } header] && header.StartsWith(Scheme, StringComparison.Ordinal)
            && Convert.FromHexString(header.AsSpan(Scheme.Length), signature, out _, out _) == System.Buffers.OperationStatus.Done
            ? new WebhookSignature($"sha256:{Convert.ToHexStringLower(SHA256.HashData(body))}", null, [signature], body)
            : null;
    }

    private static WebhookSignature? ReadStandard(IHeaderDictionary headers, byte[] body)
    {
        // A dot would let what is signed be cut up in two ways.
        if (headers["webhook-id"] is not [{ Length: > 0 and <= MaxIdLength } id]
            || id.AsSpan().ContainsAnyExceptInRange('!', '~') || id.Contains('.', StringComparison.Ordinal)
            || headers["webhook-timestamp"] is not [{ Length: > 0 and <= 12 } timestamp]
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > uint.MaxValue
            || headers["webhook-signature"] is not [{ Length: > 0 and <= 2000 } header])
            return null;
        var signatures = new List<byte[]>();
        foreach (var part in header.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(MaxSignatures))
        {
            var signature = new byte[48];
            if (part.StartsWith("v1,", StringComparison.Ordinal)
                && Convert.TryFromBase64String(part[3..], signature, out var length) && length == HMACSHA256.HashSizeInBytes)
                signatures.Add(signature[..length]);
        }
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];
        return new WebhookSignature(id, DateTimeOffset.FromUnixTimeSeconds(seconds), [.. signatures], signed);
    }
}
