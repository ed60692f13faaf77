using System.Net;
using System.Net.Sockets;

namespace Platform.Load.Generator;

/// <summary>One connection: sends a request, reads its answer, then asks the run for the next. Connects again when it broke.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly LoadRun _run;
    private readonly IPEndPoint _target;
    private readonly ResponseReader _reader = new();
    private readonly SocketAsyncEventArgs _receive = new();
    private Socket? _socket;
    private byte[] _buffer = new byte[16 * 1024];
    private int _filled;

    public LoadConnection(LoadRun run, IPEndPoint target)
    {
        (_run, _target) = (run, target);
        _receive.Completed += (_, _) => Continue();
    }

    /// <summary>What is under way, and since when; the run's own to use.</summary>
    public int Request { get; set; }

    public long Since { get; set; }

    public ResponseReader Answer => _reader;

    public ReadOnlySpan<byte> Received => _buffer.AsSpan(0, _filled);

    /// <summary>Sends what the run has set, and everything after it, until the run has nothing more.</summary>
    public void Start()
    {
        if (Send() && !Receive())
            Continue();
    }

    // The answer to what was sent, or part of it, has come.
    private void Continue()
    {
        while (true)
        {
            if (_receive.SocketError != SocketError.Success || _receive.BytesTransferred == 0)
            {
                Break();
                return;
            }

            _filled += _receive.BytesTransferred;
            int length;
            try
            {
                length = _reader.Read(Received);
            }
            catch (InvalidDataException)
            {
                Break();
                return;
            }

            if (length > 0)
            {
                if (length != _filled)
                {
                    Break();
                    return;
                }

                if (_reader.Closes)
                    Close();
                if (!_run.Answered(this) || !Send())
                    return;
            }
            else if (_filled == _buffer.Length)
                Array.Resize(ref _buffer, _buffer.Length * 2);

            if (Receive())
                return;
        }
    }

    private bool Send()
    {
        _filled = 0;
        _reader.Reset();
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                _socket.Connect(_target);
            }

            // A request fits into the socket's buffer: this doesn't wait.
            _socket.Send(_run.Bytes(Request));
            return true;
        }
        catch (SocketException)
        {
            Break();
            return false;
        }
    }

    /// <returns>Whether the answer is still to come.</returns>
    private bool Receive()
    {
        _receive.SetBuffer(_buffer, _filled, _buffer.Length - _filled);
        return _socket!.ReceiveAsync(_receive);
    }

    private void Break()
    {
        Close();
        _run.Broke(this);
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    public void Dispose()
    {
        Close();
        _receive.Dispose();
    }
}
