namespace Platform.Jobs.Tests.Shutdown;

internal sealed class LaneStepHandler : IJobHandler<LaneStep>
{
    public async Task<object?> RunAsync(LaneStep payload, JobContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(20, cancellationToken);
        // Each lane fails now and then, and goes on with the same step.
        return payload.Number % 10 == 3 && context.Attempt == 1 ? throw new InvalidOperationException("once") : null;
    }
}
