using System.Diagnostics;
using Npgsql;
using StackExchange.Redis;

namespace Platform.Api.Features.Health;

/// <summary>Checks at most once a second, however many ask: the endpoint is open to everybody.</summary>
internal sealed class HealthReporter(NpgsqlDataSource database, IConnectionMultiplexer redis, TimeProvider time) : IDisposable
{
    public const string Healthy = "healthy", Degraded = "degraded", Unhealthy = "unhealthy";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _checking = new(1, 1);
    private HealthReport? _latest;

    public async Task<HealthReport> GetAsync(CancellationToken cancellationToken)
    {
        await _checking.WaitAsync(cancellationToken);
        try
        {
            if (_latest is null || time.GetUtcNow() - _latest.Timestamp >= TimeSpan.FromSeconds(1))
                _latest = await CheckAsync();
            return _latest;
        }
        finally
        {
            _checking.Release();
        }
    }

    public void Dispose() => _checking.Dispose();

    private async Task<HealthReport> CheckAsync()
    {
        var databaseCheck = MeasureAsync(Unhealthy, token => QueryAsync("SELECT 1", token));
        var queueCheck = MeasureAsync(Unhealthy, token => QueryAsync("SELECT 1 FROM jobs.pending LIMIT 1", token));
        var cacheCheck = MeasureAsync(Degraded, token => redis.GetDatabase().PingAsync().WaitAsync(token));
        var memory = GC.GetGCMemoryInfo();
        var components = new Dictionary<string, ComponentHealth>
        {
            ["database"] = await databaseCheck,
            ["queue"] = await queueCheck,
            ["cache"] = await cacheCheck,
            ["memory"] = new(memory.MemoryLoadBytes < memory.HighMemoryLoadThresholdBytes ? Healthy : Degraded, 0),
        };
        var states = components.Values.Select(component => component.Status).ToList();
        var status = states.Contains(Unhealthy) ? Unhealthy : states.Contains(Degraded) ? Degraded : Healthy;
        return new HealthReport(status, components, time.GetUtcNow());
    }

    private async Task QueryAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<ComponentHealth> MeasureAsync(string whenFailing, Func<CancellationToken, Task> check)
    {
        var started = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(Timeout, time);
        string status;
        try
        {
            await check(deadline.Token);
            status = Healthy;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // What exactly is wrong is for the log and the operators, not for everybody.
            Activity.Current?.AddException(exception);
            status = whenFailing;
        }
        return new ComponentHealth(status, Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 1));
    }
}
