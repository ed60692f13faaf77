using System.Security.Cryptography;
using System.Text;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Data.Webhooks;

/// <summary>The secrets of one source or endpoint, encrypted for it alone: put into another row, they can't be read.</summary>
public static class WebhookSecrets
{
    /// <summary>In front of generated secrets, as Standard Webhooks writes them; base64 follows.</summary>
    public const string Prefix = "whsec_";

    private const int KeyBytes = 32;

    /// <summary>A new random secret.</summary>
    public static string Create() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    public static string Protect(SecretProtector protector, TenantId tenant, Guid id, string secret) =>
        protector.Protect(Encoding.UTF8.GetBytes(secret), Purpose(tenant, id));

    /// <exception cref="CryptographicException">It was made for another row or with an unknown key.</exception>
    public static string Unprotect(SecretProtector protector, TenantId tenant, Guid id, string text) =>
        Encoding.UTF8.GetString(protector.Unprotect(text, Purpose(tenant, id)));

    /// <summary>The bytes a secret signs with: those its base64 stands for, or the text's own.</summary>
    public static byte[] Key(string secret)
    {
        var bytes = new byte[secret.Length];
        return secret.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length)
            ? bytes[..length]
            : Encoding.UTF8.GetBytes(secret);
    }

    /// <summary>How a secret is shown after the first time: its last four characters.</summary>
    public static string Mask(string secret) => secret.Length > 12 ? $"••••{secret[^4..]}" : "••••";

    private static string Purpose(TenantId tenant, Guid id) => $"webhook:{tenant}:{id}";
}
