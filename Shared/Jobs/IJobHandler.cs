namespace Platform.Jobs;

/// <summary>Does the work of one type of job. Runs at least once: its effects must be safe to repeat.</summary>
/// <typeparam name="TPayload">The job's payload, a record marked with <see cref="JobAttribute"/>.</typeparam>
public interface IJobHandler<TPayload>
    where TPayload : notnull
{
    /// <summary>
    /// Runs the job in a scope of its own, with the job's tenant set in <c>TenantContext</c>. The token is cancelled
    /// when the job is cancelled, its lease is lost, it times out or the worker shuts down.
    /// </summary>
    /// <returns>The job's result, kept as JSON; null for none.</returns>
    Task<object?> RunAsync(TPayload payload, JobContext context, CancellationToken cancellationToken);
}
