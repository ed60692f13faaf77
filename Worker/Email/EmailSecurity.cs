namespace Platform.Worker.Email;

/// <summary>How the connection to the mail server is encrypted.</summary>
internal enum EmailSecurity
{
    /// <summary>After <c>STARTTLS</c>, without which nothing is sent; the usual port is 587.</summary>
    StartTls,

    /// <summary>From the first byte; the usual port is 465.</summary>
    Tls,

    /// <summary>Not at all, and then without signing in.</summary>
    None,
}
