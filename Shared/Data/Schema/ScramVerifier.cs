using System.Security.Cryptography;
using System.Text;

namespace Platform.Data.Schema;

/// <summary>
/// Makes the form in which Postgres stores a password (RFC 5803), so that <c>ALTER ROLE</c> carries no password that a
/// statement log could keep.
/// </summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096;

    public static string Create(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var storedKey = SHA256.HashData(clientKey);
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Text(salt)}${Text(storedKey)}:{Text(serverKey)}";

        static string Text(byte[] bytes) => Convert.ToBase64String(bytes);
    }
}
