namespace Platform.Bench;

/// <summary>Something that runs the bench's jobs from when it is made until it is disposed of.</summary>
internal interface IDrain : IAsyncDisposable
{
    /// <summary>Returns when the ends of so many jobs are committed.</summary>
    Task WaitAsync(long recorded);
}
