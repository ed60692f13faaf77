namespace Platform.Realtime.Connections;

/// <summary>
/// When the service stops, tells the open connections so, and waits until each has said goodbye, before the server cuts
/// them off.
/// </summary>
internal sealed class ConnectionDrain(IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ManualResetEventSlim _empty = new(true);
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _registration;
    private int _connections;

    /// <summary>Cancelled when connections should end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Counts a connection until the answer is disposed of.</summary>
    public IDisposable Enter()
    {
        lock (_gate)
        {
            if (_connections++ == 0)
                _empty.Reset();
        }
        return new Place(this);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Registered after SignalR's own callback, which aborts its connections, and therefore run before it.
        _registration = lifetime.ApplicationStopping.Register(Drain);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _registration.Dispose();
        _stopping.Dispose();
        _empty.Dispose();
    }

    private void Drain()
    {
        _stopping.Cancel();
        _empty.Wait(LongestGoodbye);
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_connections == 0)
                _empty.Set();
        }
    }

    private sealed class Place(ConnectionDrain drain) : IDisposable
    {
        public void Dispose() => drain.Leave();
    }
}
