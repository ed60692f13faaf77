using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Platform.Data.Security;

/// <summary>
/// Encrypts secrets at rest with AES-256-GCM. Keys are derived once per process; each text names the key it was made
/// with, so that a new ENCRYPTION_KEY takes over while texts of the previous ones stay readable.
/// </summary>
public sealed class SecretProtector
{
    private const string Format = "v1";
    private const int NonceSize = 12, TagSize = 16;

    private readonly Dictionary<string, byte[]> _keys = [];
    private readonly string _currentId;

    public SecretProtector(IOptions<SecretOptions> options)
    {
        _currentId = Add(options.Value.EncryptionKey);
        foreach (var previous in options.Value.PreviousKeys.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Add(previous);
    }

    /// <param name="secret">What to keep.</param>
    /// <param name="purpose">Where it is kept; the same text is needed to read it, so that one can't be put in the other's place.</param>
    /// <returns><c>v1.key.data</c>, printable ASCII.</returns>
    public string Protect(ReadOnlySpan<byte> secret, string purpose)
    {
        var data = new byte[NonceSize + TagSize + secret.Length];
        RandomNumberGenerator.Fill(data.AsSpan(0, NonceSize));
        var (nonce, tag) = (data.AsMemory(0, NonceSize), data.AsMemory(NonceSize, TagSize));
        using var aes = new AesGcm(_keys[_currentId], TagSize);
        aes.Encrypt(nonce.Span, secret, data.AsSpan(NonceSize + TagSize), tag.Span, Encoding.UTF8.GetBytes(purpose));
        return $"{Format}.{_currentId}.{Base64Url.EncodeToString(data)}";
    }

    /// <exception cref="CryptographicException">The text was changed, is meant for another purpose, or its key isn't known.</exception>
    public byte[] Unprotect(string text, string purpose)
    {
        var parts = text.Split('.');
        if (parts is not [Format, var keyId, var encoded] || !Base64Url.IsValid(encoded))
            throw new CryptographicException("Not a protected secret.");
        if (!_keys.TryGetValue(keyId, out var key))
        {
            throw new CryptographicException(
                $"The secret was encrypted with key {keyId}, which is neither ENCRYPTION_KEY nor in ENCRYPTION_KEY_PREVIOUS.");
        }
        var data = Base64Url.DecodeFromChars(encoded);
        if (data.Length < NonceSize + TagSize)
            throw new CryptographicException("Not a protected secret.");
        var secret = new byte[data.Length - NonceSize - TagSize];
        var (nonce, tag) = (data.AsMemory(0, NonceSize), data.AsMemory(NonceSize, TagSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(nonce.Span, data.AsSpan(NonceSize + TagSize), tag.Span, secret, Encoding.UTF8.GetBytes(purpose));
        return secret;
    }

    private string Add(string encryptionKey)
    {
        var input = Encoding.UTF8.GetBytes(encryptionKey);
        var id = Base64Url.EncodeToString(HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 6, info: "platform secret key id"u8.ToArray()));
        _keys[id] = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 32, info: "platform secret encryption"u8.ToArray());
        return id;
    }
}
