using Microsoft.Extensions.Options;

namespace Platform.Worker.Campaigns;

/// <summary>Gives out moments to send at, evenly, to all campaigns of this process.</summary>
internal sealed class SendPace(IOptions<CampaignOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _next;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var turn = Math.Max(_next, now);
            _next = turn + (long)(time.TimestampFrequency / options.Value.MessagesPerSecond);
            wait = time.GetElapsedTime(now, turn);
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }
}
