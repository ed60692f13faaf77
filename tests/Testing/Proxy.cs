using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Platform.Testing;

/// <summary>Stands between a client and a server, and can cut or hold up what goes through.</summary>
public sealed class Proxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _isCut;
    private volatile TaskCompletionSource? _hold, _holdAnswers;

    public Proxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Breaks all connections and refuses new ones.</summary>
    public void Cut()
    {
        _isCut = true;
        foreach (var client in _clients.Keys)
            client.Close();
    }

    public void Mend() => _isCut = false;

    /// <summary>Keeps connections open but lets nothing through.</summary>
    public void Hold() => _hold ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the server is asked reaches it, what it answers is kept back.</summary>
    public void HoldAnswers() => _holdAnswers ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        _hold?.TrySetResult();
        _holdAnswers?.TrySetResult();
        _hold = _holdAnswers = null;
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        _listener.Stop();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                if (_isCut)
                    client.Close();
                else
                    _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        _clients[client] = _clients[server] = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(
                PumpAsync(client.GetStream(), server.GetStream(), () => _hold),
                PumpAsync(server.GetStream(), client.GetStream(), () => _hold ?? _holdAnswers));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        client.Close();
        _clients.TryRemove(client, out _);
        _clients.TryRemove(server, out _);
    }

    private static async Task PumpAsync(NetworkStream from, NetworkStream to, Func<TaskCompletionSource?> held)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer) is var read and > 0)
        {
            if (held() is { } hold)
                await hold.Task;
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
