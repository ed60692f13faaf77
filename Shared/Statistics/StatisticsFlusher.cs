using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Platform.Statistics;

/// <summary>Brings this process's figures to Redis, beside the requests. What Redis can't take is kept for a few minutes.</summary>
internal sealed partial class StatisticsFlusher(
    LocalStatistics local, StatisticsRedis redis, IOptions<StatisticsOptions> options, TimeProvider time,
    ILogger<StatisticsFlusher> logger) : BackgroundService
{
    /// <summary>Finished minutes that may still be sent. Readers count on older ones not to change.</summary>
    public const int LateMinutes = 3;

    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        local.Collect(now);
        var unsent = local.TakeUnsent(LocalStatistics.MinuteOf(now) - LateMinutes);
        if (unsent.Count == 0 || await redis.WriteAsync(unsent, cancellationToken))
            return;
        foreach (var (minute, fields) in unsent)
            local.PutBack(minute, fields);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.FlushInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await FlushAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(7102, LogLevel.Error, "Request statistics could not be stored")]
    private partial void LogFailed(Exception exception);
}
