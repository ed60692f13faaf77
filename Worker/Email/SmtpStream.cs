using System.Text;

namespace Platform.Worker.Email;

/// <summary>Commands and replies on a connection, line by line and bounded; each step within a time of its own.</summary>
internal sealed class SmtpStream(Stream stream, TimeSpan timeout, TimeProvider time) : IAsyncDisposable
{
    private const int MaxLine = 2000, MaxLines = 100;

    private readonly byte[] _buffer = new byte[4096];
    private int _start, _end;

    public Stream Inner => stream;

    /// <summary>Whether the server said more than was asked: before TLS begins, somebody in between may have.</summary>
    public bool HasMore => _end > _start;

    public Task<SmtpReply> SendAsync(string command, CancellationToken cancellationToken) =>
        SendAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancellationToken);

    /// <exception cref="SmtpException">The server can't be spoken with.</exception>
    public Task<SmtpReply> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => WithinAsync(async token =>
    {
        await stream.WriteAsync(bytes, token);
        await stream.FlushAsync(token);
        return await ReadReplyAsync(token);
    }, cancellationToken);

    public Task<SmtpReply> ReadAsync(CancellationToken cancellationToken) => WithinAsync(ReadReplyAsync, cancellationToken);

    /// <summary>Runs a step; whatever goes wrong with the connection, or takes too long, is one kind of exception.</summary>
    public Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken) =>
        WithinAsync(step, timeout, time, cancellationToken);

    public static async Task<T> WithinAsync<T>(
        Func<CancellationToken, Task<T>> step, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await step(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Broken("The mail server didn't answer in time.", e);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw Broken("The connection to the mail server failed.", e);
        }
        catch (System.Security.Authentication.AuthenticationException e)
        {
            throw Broken("The mail server's certificate isn't valid.", e);
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static SmtpException Broken(string message, Exception? inner = null) => new(message, isPermanent: false, isConnection: true, inner);

    private async Task<SmtpReply> ReadReplyAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (lines.Count < MaxLines)
        {
            var line = await ReadLineAsync(cancellationToken);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), out var code) || (line.Length > 3 && line[3] is not (' ' or '-')))
                break;
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
                return new SmtpReply(code, lines);
        }
        throw Broken("The mail server doesn't speak SMTP.");
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (line.Count <= MaxLine)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellationToken));
                if (_end == 0)
                    throw Broken("The mail server closed the connection.");
            }
            var next = _buffer[_start++];
            if (next == '\n')
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(next);
        }
        throw Broken("The mail server doesn't speak SMTP.");
    }
}
