using System.Globalization;
using System.Net.Sockets;
using Platform.Embedded;

namespace Platform.Load.Servers;

/// <summary>Asks Garnet how many keys it holds; too little to need a client library.</summary>
internal sealed class RedisProbe : IAsyncDisposable
{
    private readonly TcpClient _client = new();
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private RedisProbe(RunningGarnet garnet)
    {
        _client.Connect(RunningGarnet.Host, garnet.Port);
        _reader = new StreamReader(_client.GetStream());
        _writer = new StreamWriter(_client.GetStream()) { AutoFlush = true, NewLine = "\r\n" };
    }

    public static async Task<RedisProbe> ConnectAsync(RunningGarnet garnet)
    {
        var probe = new RedisProbe(garnet);
        await probe.AskAsync($"AUTH {garnet.Password}");
        return probe;
    }

    public async Task<long> KeysAsync() => long.Parse((await AskAsync("DBSIZE"))[1..], CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> AskAsync(string command)
    {
        var words = command.Split(' ');
        await _writer.WriteAsync($"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}");
        return await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(2)) is { Length: > 0 } line && line[0] != '-' ? line : throw new IOException("Garnet didn't answer.");
    }
}
