using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Platform.Worker.Tests;

/// <summary>A mail server on loopback that takes what it is sent, encrypts when asked to, and answers otherwise when told to.</summary>
internal sealed class FakeSmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _certificate = CreateCertificate();
    private readonly ConcurrentBag<Task> _conversations = [];
    private readonly Task _accepting;

    public FakeSmtpServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Fingerprint => Convert.ToHexString(SHA256.HashData(_certificate.RawData));

    /// <summary>What follows the greeting in the answer to EHLO.</summary>
    public string[] Extensions { get; set; } = ["SIZE 10000000", "STARTTLS", "AUTH PLAIN LOGIN", "SMTPUTF8"];

    /// <summary>Answers a command instead of the server; null leaves it to the server, "close" ends the connection, "wait" never answers.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    /// <summary>Every command, in front of it whether the connection was encrypted.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>What was sent after DATA, with the doubled dots single again.</summary>
    public ConcurrentQueue<string> Messages { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_conversations);
        _certificate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _conversations.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            Stream stream = client.GetStream();
            try
            {
                var (isEncrypted, awaited) = (false, 0);
                await SayAsync(stream, "220 fake.example ESMTP");
                while (await LineAsync(stream) is { } command)
                {
                    Commands.Enqueue(isEncrypted ? $"* {command}" : command);
                    if (awaited > 0)
                    {
                        await SayAsync(stream, --awaited == 0 ? "235 2.7.0 Welcome" : "334 UGFzc3dvcmQ6");
                        continue;
                    }
                    if (Answer(command) is { } other)
                    {
                        if (other == "close")
                            return;
                        if (other == "wait")
                            await Task.Delay(Timeout.Infinite, _stop.Token);
                        await SayAsync(stream, other);
                        continue;
                    }
                    switch (command.Split(' ')[0])
                    {
                        case "EHLO":
                            var lines = new[] { "fake.example" }.Concat(Extensions.Where(extension => !isEncrypted || extension != "STARTTLS")).ToArray();
                            await SayAsync(stream, string.Join("\r\n", lines.Select((line, i) => $"250{(i == lines.Length - 1 ? ' ' : '-')}{line}")));
                            break;
                        case "STARTTLS":
                            await SayAsync(stream, "220 2.0.0 Ready");
                            var encrypted = new SslStream(stream);
                            stream = encrypted;
                            await encrypted.AuthenticateAsServerAsync(_certificate);
                            isEncrypted = true;
                            break;
                        case "AUTH" when command.StartsWith("AUTH PLAIN ", StringComparison.Ordinal):
                            await SayAsync(stream, "235 2.7.0 Welcome");
                            break;
                        case "AUTH":
                            awaited = 2;
                            await SayAsync(stream, "334 VXNlcm5hbWU6");
                            break;
                        case "DATA":
                            await SayAsync(stream, "354 Go on");
                            Messages.Enqueue(await MessageAsync(stream));
                            await SayAsync(stream, Answer(".") ?? "250 2.0.0 Queued");
                            break;
                        case "QUIT":
                            await SayAsync(stream, "221 2.0.0 Bye");
                            return;
                        default:
                            await SayAsync(stream, "250 2.0.0 OK");
                            break;
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // The other side left.
            }
            finally
            {
                await stream.DisposeAsync();
            }
        }
    }

    private async Task<string> MessageAsync(Stream stream)
    {
        var text = new StringBuilder();
        while (await LineAsync(stream) is { } line && line != ".")
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        return text.ToString();
    }

    private async Task SayAsync(Stream stream, string line)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), _stop.Token);
        await stream.FlushAsync(_stop.Token);
    }

    private async Task<string?> LineAsync(Stream stream)
    {
        var (line, one) = (new List<byte>(), new byte[1]);
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == '\n')
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }
        return null;
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=fake.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pfx), null);
    }
}
