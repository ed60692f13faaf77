using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Platform.Worker.Email;

/// <summary>The mail server; section <c>Email</c>. Without a host no e-mail is sent, and jobs that would send one say so.</summary>
internal sealed partial class EmailOptions : IValidatableObject
{
    public const string Section = "Email";

    /// <summary>Name or address of the mail server. None by default.</summary>
    public string Host { get; set; } = "";

    /// <summary>Default 587.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 587;

    /// <summary>Default StartTls.</summary>
    [EnumDataType(typeof(EmailSecurity))]
    public EmailSecurity Security { get; set; }

    /// <summary>SHA-256 of a certificate to accept instead of one that is valid, in hexadecimal digits. None by default.</summary>
    [RegularExpression("^([0-9A-Fa-f]{64})?$", ErrorMessage = "Email:Certificate must be 64 hexadecimal digits, the SHA-256 of the certificate.")]
    public string Certificate { get; set; } = "";

    /// <summary>None by default: it isn't signed in.</summary>
    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>The sender's address; needed with a host.</summary>
    public string From { get; set; } = "";

    /// <summary>The sender's name. None by default.</summary>
    public string FromName { get; set; } = "";

    /// <summary>The longest wait for the server in each step. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    public bool IsConfigured => Host.Length > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsConfigured && !Address().IsMatch(From))
            yield return new ValidationResult("Email:From must be the sender's address, in ASCII, when Email:Host is set.");
        if (FromName.AsSpan().ContainsAnyInRange('\0', '\u001f'))
            yield return new ValidationResult("Email:FromName must be one line.");
        if ((User.Length > 0) != (Password.Length > 0))
            yield return new ValidationResult("Email:User and Email:Password must be set both or not at all.");
        if (User.Length > 0 && Security == EmailSecurity.None)
            yield return new ValidationResult("Email:User needs an encrypted connection: set Email:Security to StartTls or Tls.");
    }

    [GeneratedRegex(@"^[!-?A-~]+@[A-Za-z0-9.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
