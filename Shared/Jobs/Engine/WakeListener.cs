using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>Listens for hints on a connection of its own. Losing it costs speed, never a job.</summary>
internal sealed class WakeListener(
    JobDatabase database,
    QueueRunners queues,
    WorkerLease lease,
    Maintenance maintenance,
    ClaimRules rules,
    AsyncSignal wake,
    IOptions<JobWorkerOptions> options,
    ILogger<WakeListener> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken stopping)
    {
        if (!options.Value.Listen)
            return;
        var pause = FirstPause;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(database.ListenerConnectionString);
                connection.Notification += (_, hint) => Heard(hint.Channel, hint.Payload);
                await connection.OpenAsync(stopping);
                await using (var listen = new NpgsqlCommand($"LISTEN {EnqueueHints.Channel}; LISTEN {JobQueue.CancelChannel}; LISTEN {ClaimRules.Channel}", connection))
                    await listen.ExecuteNonQueryAsync(stopping);
                pause = FirstPause;
                // Whatever was said until now was heard by nobody.
                wake.Set();
                maintenance.Hurry();
                while (true)
                    await connection.WaitAsync(stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                logger.DatabaseAway(e.Message);
                await Task.Delay(pause, stopping);
                pause = pause * 2 < LastPause ? pause * 2 : LastPause;
            }
        }
    }

    private void Heard(string channel, string queue)
    {
        if (channel == JobQueue.CancelChannel)
        {
            lease.CheckCancellations();
            maintenance.Hurry();
        }
        else if (channel == ClaimRules.Channel)
        {
            rules.Changed();
            wake.Set();
        }
        else if (queue.Length == 0 || queues.Serves(queue))
        {
            wake.Set();
        }
    }
}
