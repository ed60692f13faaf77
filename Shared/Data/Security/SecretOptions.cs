using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Platform.Data.Security;

/// <summary>Keys for data encrypted at rest, from the environment's own names rather than a section.</summary>
public sealed class SecretOptions
{
    private const string Remedy = "Give every service the same random text of at least 22 characters: openssl rand -base64 32";

    /// <summary>At least 22 characters of random text (128 bits in base64url). No default. <c>ENCRYPTION_KEY</c></summary>
    [ConfigurationKeyName("ENCRYPTION_KEY")]
    [Required(ErrorMessage = "ENCRYPTION_KEY is not set. " + Remedy)]
    [MinLength(22, ErrorMessage = "ENCRYPTION_KEY is too short. " + Remedy)]
    public string EncryptionKey { get; set; } = "";

    /// <summary>Earlier keys, separated by spaces, that still decrypt. None by default. <c>ENCRYPTION_KEY_PREVIOUS</c></summary>
    [ConfigurationKeyName("ENCRYPTION_KEY_PREVIOUS")]
    public string PreviousKeys { get; set; } = "";
}
