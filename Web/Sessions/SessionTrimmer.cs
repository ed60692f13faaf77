namespace Platform.Web.Sessions;

/// <summary>Keeps the process' copies of sessions to those in use.</summary>
internal sealed class SessionTrimmer(SessionTokens tokens, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>Longer than an access token lives, so that an open circuit's session is never among them.</summary>
    private static readonly TimeSpan UnusedFor = TimeSpan.FromMinutes(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken)) tokens.Trim(UnusedFor);
    }
}
