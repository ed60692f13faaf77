namespace Platform.Jobs.Tests.Shutdown;

internal sealed class ShutdownHandler : IJobHandler<ShutdownWork>
{
    public async Task<object?> RunAsync(ShutdownWork payload, JobContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(payload.Milliseconds, payload.IsDeaf ? CancellationToken.None : cancellationToken);
        return null;
    }
}
