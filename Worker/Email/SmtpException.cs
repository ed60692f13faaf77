namespace Platform.Worker.Email;

/// <summary>The mail server refused, or can't be spoken with. The message names no address: servers like to repeat them.</summary>
/// <param name="isPermanent">Whether the same message to the same person will never be taken.</param>
/// <param name="isConnection">Whether nothing else can be sent over this connection either.</param>
internal sealed class SmtpException(string message, bool isPermanent, bool isConnection, Exception? inner = null) : Exception(message, inner)
{
    public bool IsPermanent { get; } = isPermanent;

    public bool IsConnection { get; } = isConnection;
}
