namespace Platform.Web.Sessions;

/// <summary>For a single replica, whose refreshes wait for one another anyway.</summary>
internal sealed class NoSessionLock : ISessionLock, IAsyncDisposable
{
    public Task<IAsyncDisposable> AcquireAsync(SessionKey key) => Task.FromResult<IAsyncDisposable>(this);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
