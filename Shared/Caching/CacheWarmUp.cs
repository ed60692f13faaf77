using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Tenancy;

namespace Platform.Caching;

/// <summary>
/// Once the service is ready, and again whenever somebody asks for it, fills the hot entries of the tenants that were active last: few
/// at a time, for a limited time. Requests that come meanwhile don't wait for it; those that ask for the same join its fetches.
/// </summary>
internal sealed partial class CacheWarmUp(
    IServiceScopeFactory scopes, IEnumerable<CacheWarmer> warmers, ActiveTenants active, CacheWarmUpRequests requests,
    IOptions<CacheOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<CacheWarmUp> logger) : BackgroundService
{
    private readonly List<CacheWarmer> _warmers = [.. warmers];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value is not { Enabled: true, WarmUpTenants: > 0 and var count } || _warmers.Count == 0)
            return;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (lifetime.ApplicationStarted.Register(started.SetResult))
            await started.Task.WaitAsync(stoppingToken);

        await WarmAsync(count, stoppingToken);
        using var timer = new PeriodicTimer(options.Value.WarmUpPoll, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await requests.TryTakeAsync(stoppingToken))
                await WarmAsync(count, stoppingToken);
        }
    }

    private async Task WarmAsync(int count, CancellationToken stoppingToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.WarmUpTime, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, deadline.Token);
        var (began, warmed) = (time.GetTimestamp(), 0);
        try
        {
            var tenants = await active.ReadAsync(count, stop.Token);
            await Parallel.ForEachAsync(
                tenants,
                new ParallelOptions { MaxDegreeOfParallelism = options.Value.WarmUpConcurrency, CancellationToken = stop.Token },
                async (tenant, cancellationToken) =>
                {
                    await WarmAsync(tenant, cancellationToken);
                    Interlocked.Increment(ref warmed);
                });
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The time is over: the rest is filled by those who ask for it.
        }
        LogWarmed(warmed, time.GetElapsedTime(began).TotalMilliseconds);
    }

    private async Task WarmAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        foreach (var warmer in _warmers)
        {
            // A scope each, as requests have.
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<TenantContext>().Set(tenant);
            try
            {
                await warmer.WarmAsync(scope.ServiceProvider, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(warmer.Name, exception);
            }
        }
    }

    [LoggerMessage(6310, LogLevel.Information, "Warmed the cache for {Tenants} tenants in {Milliseconds:0} ms")]
    private partial void LogWarmed(int tenants, double milliseconds);

    [LoggerMessage(6311, LogLevel.Warning, "Warming {Warmer} failed")]
    private partial void LogFailed(string warmer, Exception exception);
}
