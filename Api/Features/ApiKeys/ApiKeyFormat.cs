using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Api.Features.ApiKeys;

/// <summary>
/// How keys look: <c>pk_</c>, 43 characters of randomness, 6 of checksum, all letters and digits. The checksum lets typing
/// errors be refused without a look-up, and lets scanners tell a leaked key from text that merely looks like one: it is
/// the first 32 bits of the SHA-256 of what stands before it.
/// </summary>
internal static class ApiKeyFormat
{
    public const string Start = "pk_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretBytes = 32, SecretLength = 43, ChecksumLength = 6, PrefixLength = 11;
    private const int Length = 3 + SecretLength + ChecksumLength;

    private static readonly SearchValues<char> AlphabetValues = SearchValues.Create(Alphabet);

    public static string Create()
    {
        var body = Start + Encode(RandomNumberGenerator.GetBytes(SecretBytes), SecretLength);
        return body + Checksum(body);
    }

    public static bool IsWellFormed(ReadOnlySpan<char> key) =>
        key.Length == Length && key.StartsWith(Start, StringComparison.Ordinal)
        && !key[Start.Length..].ContainsAnyExcept(AlphabetValues)
        && key[^ChecksumLength..].SequenceEqual(Checksum(key[..^ChecksumLength]));

    /// <summary>What people recognise a key by; 8 characters of it tell nobody the rest.</summary>
    public static string Prefix(string key) => key[..PrefixLength];

    /// <summary>
    /// What is stored. A fast hash is right here: a slow one protects secrets that people choose, and no number of guesses
    /// reaches one of 2^256; so a look-up costs microseconds and the hash can be an index's key.
    /// </summary>
    public static byte[] Hash(ReadOnlySpan<char> key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(key, bytes)]);
    }

    private static string Checksum(ReadOnlySpan<char> body)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return Encode(SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(body, bytes)]).AsSpan(0, 4), ChecksumLength);
    }

    private static string Encode(ReadOnlySpan<byte> bytes, int length)
    {
        var number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        Span<char> text = stackalloc char[length];
        for (var i = length - 1; i >= 0; i--)
        {
            number = BigInteger.DivRem(number, Alphabet.Length, out var digit);
            text[i] = Alphabet[(int)digit];
        }
        return new string(text);
    }
}
