using Microsoft.Extensions.Logging;

namespace Platform.Jobs.Engine;

/// <summary>A part of the worker that goes on until it is told to stop.</summary>
internal static class Part
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Runs it; a failure is logged, and the part taken up again a second later. Ends when it does, or when stopped.</summary>
    public static Task KeepAsync(
        string name, Func<CancellationToken, Task> run, TimeProvider time, ILogger logger, CancellationToken stopping) => Task.Run(
        async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    await run(stopping);
                    return;
                }
                catch (Exception e) when (!stopping.IsCancellationRequested)
                {
                    logger.PartFailed(e, name);
                    await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                catch (Exception)
                {
                    return;
                }
            }
        },
        CancellationToken.None);
}
