namespace Platform.Jobs.Engine;

/// <summary>Wakes one waiting loop; signals that come while it is awake are remembered as one.</summary>
internal sealed class AsyncSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);
    private int _set;

    public void Set()
    {
        if (Interlocked.Exchange(ref _set, 1) == 0)
            _semaphore.Release();
    }

    /// <returns>True when signalled, false when <paramref name="timeout"/> passed first.</returns>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!await _semaphore.WaitAsync(timeout, cancellationToken))
            return false;
        Volatile.Write(ref _set, 0);
        return true;
    }

    public void Dispose() => _semaphore.Dispose();
}
