using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Platform.Data.Security;

/// <summary>Hashes and verifies passwords: PBKDF2 with HMAC-SHA-512 and a salt of 128 bits, compared in constant time.</summary>
public sealed class Passwords
{
    /// <summary>Rounds of PBKDF2, as OWASP recommends for SHA-512; about 0.1 s of one core.</summary>
    public const int Iterations = 210_000;

    /// <summary>Characters accepted; more would only cost time.</summary>
    public const int MaxLength = 256;

    private static readonly object Nobody = new();

    private readonly PasswordHasher<object> _hasher =
        new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));

    private readonly Lazy<string> _decoy;

    public Passwords() => _decoy = new Lazy<string>(() => Hash(Guid.NewGuid().ToString()));

    public string Hash(string password) => _hasher.HashPassword(Nobody, password);

    /// <summary>Takes as long for no hash as for a real one, so that the time doesn't tell whether a user exists.</summary>
    public bool Verify(string? hash, string password)
    {
        var result = _hasher.VerifyHashedPassword(Nobody, hash ?? _decoy.Value, password);
        return hash is not null && result != PasswordVerificationResult.Failed;
    }
}
