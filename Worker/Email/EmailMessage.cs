namespace Platform.Worker.Email;

/// <summary>An e-mail to one person.</summary>
/// <param name="Id">Its Message-ID without the domain: the same whenever it is sent again, so that who gets it twice shows it once.</param>
/// <param name="UnsubscribeUrl">Where its recipient opts out of more like it; null for one that isn't sent to many.</param>
internal sealed record EmailMessage(string Id, string To, string? ToName, string Subject, string Text, string? UnsubscribeUrl = null);
