namespace Platform.Embedded;

/// <summary>A lock between processes, held as long as the file is open; the system releases it when its holder dies.</summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock of that file. Reports once if another process holds it.</summary>
    public static async Task<FileLock> AcquireAsync(string path, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var told = false;
        while (true)
        {
            try
            {
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException error) when (error is not DirectoryNotFoundException && File.Exists(path))
            {
                if (!told) progress?.Report($"Waiting for another process that holds {path} …");
                told = true;
                await Task.Delay(RetryInterval, cancellationToken);
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
