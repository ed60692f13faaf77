using Platform.Data.Images;

namespace Platform.Worker.Images;

/// <summary>Says every now and then that this Worker can work on pictures; once, in the log, that it can't.</summary>
internal sealed partial class ImageAnnouncer(
    IImageOptimizer optimizer, ImageWorkers workers, TimeProvider time, ILogger<ImageAnnouncer> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (await optimizer.CheckAsync(stoppingToken) is { } reason)
        {
            LogUnavailable(reason);
            return;
        }
        using var timer = new PeriodicTimer(ImageWorkers.Interval, time);
        do
            await workers.AnnounceAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(
        6601, LogLevel.Warning,
        "This Worker can't optimise pictures: {Reason} Install libvips 8.13 or later, or set Images:Library; without any such Worker the Api refuses uploads of pictures")]
    private partial void LogUnavailable(string reason);
}
