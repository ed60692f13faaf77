using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Platform.Data.Security;

namespace Platform.Api.Features.Auth;

/// <summary>A key pair on P-256 for ES256.</summary>
internal sealed class SigningKey(string id, ECDsa key, DateTimeOffset activeAt)
{
    private const string Purpose = "signing key:";

    public string Id { get; } = id;

    /// <summary>When it begins to sign; it verifies before.</summary>
    public DateTimeOffset ActiveAt { get; } = activeAt;

    public ECDsaSecurityKey SecurityKey { get; } = new(key) { KeyId = id };

    public static SigningKey Create(DateTimeOffset activeAt) =>
        new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)), ECDsa.Create(ECCurve.NamedCurves.nistP256), activeAt);

    /// <exception cref="CryptographicException">The private part was encrypted with a key that isn't known any more.</exception>
    public static SigningKey Load(string id, string protectedKey, DateTimeOffset activeAt, SecretProtector protector)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(protector.Unprotect(protectedKey, Purpose + id), out _);
        return new SigningKey(id, key, activeAt);
    }

    public string Protect(SecretProtector protector) => protector.Protect(key.ExportPkcs8PrivateKey(), Purpose + Id);

    /// <summary>The public part, as in a JSON Web Key Set.</summary>
    public PublicJwk PublicJwk()
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new PublicJwk("EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y), "sig", "ES256", Id);
    }

    public string PublicJson() => JsonSerializer.Serialize(PublicJwk(), JsonSerializerOptions.Web);
}

internal sealed record PublicJwk(string Kty, string Crv, string X, string Y, string Use, string Alg, string Kid);
