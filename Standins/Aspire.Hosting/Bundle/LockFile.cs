namespace Aspire.Hosting.Bundle;

/// <summary>One holder at a time among the processes of a machine. The system releases it when the holder dies.</summary>
internal static class LockFile
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    /// <param name="path">The file; it stays behind empty, since deleting it would let two holders in.</param>
    /// <param name="onWait">Called once if somebody else holds it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IAsyncDisposable> AcquireAsync(string path, Action onWait, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (attempt == 0) onWait();
                await Task.Delay(RetryInterval, cancellationToken);
            }
        }
    }
}
