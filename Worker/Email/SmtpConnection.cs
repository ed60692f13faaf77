using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Platform.Worker.Email;

/// <summary>A conversation with the mail server, in which any number of messages can be sent one after the other.</summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    private static readonly CompositeFormat Refused = CompositeFormat.Parse("The mail server refused {0} ({1}).");

    private readonly EmailOptions _options;
    private readonly TimeProvider _time;
    private SmtpStream _stream;
    private SmtpReply _hello = new(0, []);

    private SmtpConnection(SmtpStream stream, EmailOptions options, TimeProvider time) => (_stream, _options, _time) = (stream, options, time);

    /// <summary>Connects, encrypts and signs in, as the options say.</summary>
    /// <exception cref="SmtpException">That failed; trying again later may help.</exception>
    public static async Task<SmtpConnection> OpenAsync(EmailOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = await SmtpStream.WithinAsync(async token =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(options.Host, options.Port, token);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }, options.Timeout, time, cancellationToken);
        var connection = new SmtpConnection(
            new SmtpStream(new NetworkStream(socket, ownsSocket: true), options.Timeout, time), options, time);
        try
        {
            await connection.BeginAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection._stream.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="SmtpException">It wasn't taken.</exception>
    /// <exception cref="FormatException">An address, or the subject, can't be one.</exception>
    public async Task SendAsync(EmailMessage message, CancellationToken cancellationToken)
    {
        var (to, isInternational) = Path(message.To);
        if (isInternational && !_hello.Offers("SMTPUTF8"))
            throw new SmtpException("The mail server takes no addresses with such characters.", isPermanent: true, isConnection: false);
        var bytes = Stuffed(MimeText.Write(message with { To = to }, _options.From, _options.FromName, _time.GetUtcNow()));
        try
        {
            await ExpectAsync($"MAIL FROM:<{_options.From}>{(isInternational ? " SMTPUTF8" : "")}", "the sender", cancellationToken);
            await ExpectAsync($"RCPT TO:<{to}>", "the recipient", cancellationToken);
            await ExpectAsync("DATA", "the message", cancellationToken);
            Check(await _stream.SendAsync(bytes, cancellationToken), "the message");
        }
        catch (SmtpException e) when (!e.IsConnection)
        {
            // What was begun is given up, so that the next message starts anew.
            await ExpectAsync("RSET", "to start anew", cancellationToken, isConnection: true);
            throw;
        }
    }

    /// <summary>Says goodbye, if it can be said quickly.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await SmtpStream.WithinAsync(
                token => _stream.SendAsync("QUIT", token), TimeSpan.FromSeconds(1), _time, CancellationToken.None);
        }
        catch (Exception e) when (e is SmtpException or InvalidOperationException)
        {
            // Everything that was sent has been answered, or the connection is beyond words.
        }
        await _stream.DisposeAsync();
    }

    /// <summary>An address as it is put between angle brackets: its domain in ASCII, nothing in it that could end it.</summary>
    internal static (string Address, bool IsInternational) Path(string address)
    {
        var at = address.LastIndexOf('@');
        if (at < 1 || at == address.Length - 1 || address.Length > 254
            || address.Any(character => char.IsControl(character) || char.IsWhiteSpace(character) || character is '<' or '>'))
            throw new FormatException("The address isn't one an e-mail can be sent to.");
        try
        {
            var ascii = $"{address[..at]}@{new IdnMapping().GetAscii(address[(at + 1)..])}";
            return (ascii, !Ascii.IsValid(ascii));
        }
        catch (ArgumentException)
        {
            throw new FormatException("The address isn't one an e-mail can be sent to.");
        }
    }

    /// <summary>Lines that begin with a dot get another one; a line with nothing but a dot ends it all.</summary>
    internal static byte[] Stuffed(byte[] message)
    {
        var bytes = new List<byte>(message.Length + 16);
        for (var i = 0; i < message.Length; i++)
        {
            if (message[i] == '.' && (i == 0 || message[i - 1] == '\n'))
                bytes.Add((byte)'.');
            bytes.Add(message[i]);
        }
        if (!message.AsSpan().EndsWith("\r\n"u8))
            bytes.AddRange("\r\n"u8);
        bytes.AddRange(".\r\n"u8);
        return [.. bytes];
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_options.Security == EmailSecurity.Tls)
            await EncryptAsync(cancellationToken);
        Check(await _stream.ReadAsync(cancellationToken), "the connection", isConnection: true);
        await HelloAsync(cancellationToken);
        if (_options.Security == EmailSecurity.StartTls)
        {
            if (!_hello.Offers("STARTTLS"))
                throw new SmtpException("The mail server offers no encryption.", isPermanent: false, isConnection: true);
            await ExpectAsync("STARTTLS", "encryption", cancellationToken, isConnection: true);
            if (_stream.HasMore)
                throw new SmtpException("The mail server spoke before encryption began.", isPermanent: false, isConnection: true);
            await EncryptAsync(cancellationToken);
            // What was offered before could have been anybody's offer.
            await HelloAsync(cancellationToken);
        }
        if (_options.User.Length > 0)
            await SignInAsync(cancellationToken);
    }

    private async Task HelloAsync(CancellationToken cancellationToken) =>
        _hello = await ExpectAsync($"EHLO {ClientName()}", "the connection", cancellationToken, isConnection: true);

    private async Task SignInAsync(CancellationToken cancellationToken)
    {
        const string What = "to sign in";
        if (_hello.Offers("AUTH", "PLAIN"))
        {
            await ExpectAsync($"AUTH PLAIN {Base64($"\0{_options.User}\0{_options.Password}")}", What, cancellationToken, isConnection: true);
            return;
        }
        if (!_hello.Offers("AUTH", "LOGIN"))
            throw new SmtpException("The mail server offers no way to sign in that is known here.", isPermanent: false, isConnection: true);
        await ExpectAsync("AUTH LOGIN", What, cancellationToken, isConnection: true);
        await ExpectAsync(Base64(_options.User), What, cancellationToken, isConnection: true);
        await ExpectAsync(Base64(_options.Password), What, cancellationToken, isConnection: true);
    }

    private Task<bool> EncryptAsync(CancellationToken cancellationToken) => _stream.WithinAsync(async token =>
    {
        var encrypted = new SslStream(_stream.Inner);
        await encrypted.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = _options.Host,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors),
            },
            token);
        _stream = new SmtpStream(encrypted, _options.Timeout, _time);
        return true;
    }, cancellationToken);

    private bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors) => _options.Certificate.Length == 0
        ? errors == SslPolicyErrors.None
        : certificate is not null && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(certificate.GetRawCertData()), Convert.FromHexString(_options.Certificate));

    private async Task<SmtpReply> ExpectAsync(
        string command, string what, CancellationToken cancellationToken, bool isConnection = false) =>
        Check(await _stream.SendAsync(command, cancellationToken), what, isConnection);

    // 421 is the server's goodbye, whatever it was asked.
    private static SmtpReply Check(SmtpReply reply, string what, bool isConnection = false) => reply.IsPositive
        ? reply
        : throw new SmtpException(
            string.Format(CultureInfo.InvariantCulture, Refused, what, reply.Summary),
            reply.IsPermanent && !isConnection, isConnection || reply.Code == 421);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string ClientName()
    {
        var name = Environment.MachineName;
        return name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.') ? name : "localhost";
    }
}
