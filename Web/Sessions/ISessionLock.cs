namespace Platform.Web.Sessions;

/// <summary>
/// Keeps two replicas from refreshing one session at the same time: a refresh token works once, and the API takes a second
/// use for theft and ends the session.
/// </summary>
internal interface ISessionLock
{
    /// <summary>Waits for the lock. Disposing the result gives it back.</summary>
    Task<IAsyncDisposable> AcquireAsync(SessionKey key);
}
