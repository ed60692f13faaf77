using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Platform.ServiceDefaults.Health;

/// <summary>
/// Runs the checks at most once at a time and once in <see cref="HealthOptions.CacheFor"/>, ten times while they fail,
/// however many probes come.
/// </summary>
internal sealed class HealthReports(HealthCheckService checks, IOptions<HealthOptions> options, TimeProvider time)
{
    private readonly CachedReport _ready = new(checks, _ => true, options.Value, time);
    private readonly CachedReport _alive = new(checks, check => check.Tags.Contains(HealthEndpoints.LiveTag), options.Value, time);

    public Task<HealthStatus> ReadyAsync(CancellationToken cancellationToken) => _ready.GetAsync(cancellationToken);

    public Task<HealthStatus> AliveAsync(CancellationToken cancellationToken) => _alive.GetAsync(cancellationToken);

    private sealed class CachedReport(
        HealthCheckService checks,
        Func<HealthCheckRegistration, bool> predicate,
        HealthOptions options,
        TimeProvider time)
    {
        private readonly Lock _lock = new();
        private Task<HealthStatus>? _latest;
        private long _finished;

        public Task<HealthStatus> GetAsync(CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                if (_latest is not { } latest || (latest.IsCompleted && time.GetElapsedTime(_finished) >= MaxAge(latest.Result)))
                    _latest = Task.Run(CheckAsync, CancellationToken.None);
                return _latest.WaitAsync(cancellationToken);
            }
        }

        // Whoever waits for a service to get ready, or to recover, should not wait for a memory of how it was.
        private TimeSpan MaxAge(HealthStatus status) => status == HealthStatus.Healthy ? options.CacheFor : options.CacheFor / 10;

        // Not the caller's token: others wait for the same report. Each check has a timeout of its own.
        private async Task<HealthStatus> CheckAsync()
        {
            try
            {
                return (await checks.CheckHealthAsync(predicate, CancellationToken.None)).Status;
            }
            catch (Exception)
            {
                return HealthStatus.Unhealthy;
            }
            finally
            {
                Volatile.Write(ref _finished, time.GetTimestamp());
            }
        }
    }
}
