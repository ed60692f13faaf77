using Platform.Caching;
using Platform.Jobs;

namespace Platform.Worker.CacheWarming;

/// <summary>
/// Asks whoever answers requests to fill the hot entries of the tenants active last: what those are, only it knows. With Redis away
/// there is nothing to warm, which is no failure.
/// </summary>
internal sealed class WarmCacheHandler(CacheWarmUpRequests requests) : IJobHandler<WarmCache>
{
    public async Task<object?> RunAsync(WarmCache payload, JobContext context, CancellationToken cancellationToken) =>
        new
        {
            outcome = await requests.AskAsync(cancellationToken) switch
            {
                true => "asked",
                false => "the request before this one has not been taken yet",
                null => "redis is away",
            },
        };
}
