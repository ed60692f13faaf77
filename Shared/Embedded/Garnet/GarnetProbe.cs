using System.Net.Sockets;
using System.Text;

namespace Platform.Embedded.Garnet;

/// <summary>Asks a server of the Redis protocol whether it is there and knows the password. Needs no client library.</summary>
internal static class GarnetProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Returns when the server has accepted the password; throws otherwise.</summary>
    public static async Task AnswersAsync(PreparedServer server, int port, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        using var client = new TcpClient();
        await client.ConnectAsync(RunningGarnet.Host, port, deadline.Token);
        await using var stream = client.GetStream();
        var length = Encoding.UTF8.GetByteCount(server.Password);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"*2\r\n$4\r\nAUTH\r\n${length}\r\n{server.Password}\r\n"), deadline.Token);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadLineAsync(deadline.Token);
        if (answer != "+OK") throw new IOException($"The server on port {port} answered {answer ?? "nothing"}.");
    }
}
