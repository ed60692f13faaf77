using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>
/// Decides which of all workers leads: who holds the lease in jobs.leader, by the database's clock. A leader that can't renew
/// it stops by its own clock before it runs out there, so two never lead for longer than a statement takes, and what they do
/// is safe even then.
/// </summary>
internal sealed class Leadership(
    JobDatabase database, IEnumerable<LeaderDuty> duties, TimeProvider time, IOptions<JobWorkerOptions> options, ILogger<Leadership> logger)
{
    private readonly Guid _me = Guid.CreateVersion7();
    private volatile CancellationTokenSource? _lead;

    public bool Leads => _lead is { IsCancellationRequested: false };

    public async Task RunAsync(CancellationToken stopping)
    {
        var working = Task.CompletedTask;
        try
        {
            while (true)
            {
                if (_lead is { IsCancellationRequested: true })
                {
                    logger.LeadLost();
                    working = await EndAsync(working);
                }

                try
                {
                    working = await TryLeadAsync(working, stopping);
                }
                catch (Exception e) when (!stopping.IsCancellationRequested)
                {
                    logger.DatabaseAway(e.Message);
                }

                await Task.Delay(options.Value.LeaderLease / 3, time, stopping);
            }
        }
        finally
        {
            var led = Leads;
            await EndAsync(working);
            if (led)
                await StopLeadingAsync();
        }
    }

    private async Task<Task> TryLeadAsync(Task working, CancellationToken stopping)
    {
        var lease = options.Value.LeaderLease;
        var sentAt = time.GetTimestamp();
        await using var command = database.Writes.CreateCommand(JobSql.Lead);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _me });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{Environment.MachineName}:{Environment.ProcessId}" });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lease });
        var leads = await command.ExecuteScalarAsync(stopping) is not null;
        var left = lease - time.GetElapsedTime(sentAt);
        if (!leads || left <= TimeSpan.Zero)
        {
            _lead?.Cancel();
        }
        else if (_lead is { } lead)
        {
            lead.CancelAfter(left);
        }
        else
        {
            lead = new CancellationTokenSource(left, time);
            _lead = lead;
            logger.Leading();
            var token = lead.Token;
            working = Task.WhenAll(duties.Select(duty => Part.KeepAsync(duty.GetType().Name, duty.RunAsync, time, logger, token)));
        }

        return working;
    }

    private async Task<Task> EndAsync(Task working)
    {
        _lead?.Cancel();
        await working;
        _lead?.Dispose();
        _lead = null;
        return Task.CompletedTask;
    }

    private async Task StopLeadingAsync()
    {
        try
        {
            await using var command = database.Writes.CreateCommand(JobSql.StopLeading);
            command.CommandTimeout = 2;
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _me });
            await command.ExecuteNonQueryAsync();
        }
        catch (Exception e)
        {
            logger.DatabaseAway(e.Message);
        }
    }
}
