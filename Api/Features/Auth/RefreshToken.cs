using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Api.Features.Auth;

/// <summary>An opaque token of 256 random bits; the database keeps only its hash.</summary>
internal static class RefreshToken
{
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
