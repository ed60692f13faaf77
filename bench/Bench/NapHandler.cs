using Platform.Jobs;

namespace Platform.Bench;

internal sealed class NapHandler : IJobHandler<Nap>
{
    public async Task<object?> RunAsync(Nap payload, JobContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(payload.Milliseconds, payload.IsDeaf ? CancellationToken.None : cancellationToken);
        return null;
    }
}
