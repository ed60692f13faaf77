using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Jobs.Internal;
using Platform.Tenancy;

namespace Platform.Jobs.Engine;

/// <summary>
/// Lets the next job of a lane go when the one ahead has ended. An enqueuer that holds the lane's lock at that moment
/// may be adding a job that nobody can see yet; such a lane is looked at again until the lock is free.
/// </summary>
internal sealed class LanePromoter(JobDatabase database, AsyncSignal wake, ILogger<LanePromoter> logger) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();

    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    public static void AddCommands(NpgsqlBatch batch, IReadOnlyList<(TenantId Tenant, string Lane)> lanes)
    {
        Guid[] tenants = [.. lanes.Select(l => l.Tenant.Value)];
        string[] names = [.. lanes.Select(l => l.Lane)];
        foreach (var sql in (ReadOnlySpan<string>)[JobSql.TryLockLanes, JobSql.PromoteLanes])
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = tenants });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = names });
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>Reads the answers to <see cref="AddCommands"/>, from a reader that stands at the first of them.</summary>
    /// <returns>Whether any job may go now, and the lanes to look at again.</returns>
    public static async Task<(bool Promoted, IReadOnlyList<(TenantId, string)> Again)> ReadAsync(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var busy = new HashSet<(TenantId, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.GetBoolean(2))
                busy.Add((new TenantId(reader.GetGuid(0)), reader.GetString(1)));
        }

        await reader.NextResultAsync(cancellationToken);
        var promoted = false;
        while (await reader.ReadAsync(cancellationToken))
        {
            promoted = true;
            busy.Remove((new TenantId(reader.GetGuid(0)), reader.GetString(1)));
        }

        return (promoted, [.. busy]);
    }

    public void TryAgain(IReadOnlyList<(TenantId, string)> lanes)
    {
        if (lanes.Count > 0)
            _ = PromoteAsync(lanes);
    }

    /// <summary>Promotes the heads of the lanes, again and again while somebody is enqueueing into one of them.</summary>
    private async Task PromoteAsync(IReadOnlyList<(TenantId, string)> lanes)
    {
        try
        {
            for (var pause = FirstPause; lanes.Count > 0; pause = pause * 2 < LastPause ? pause * 2 : LastPause)
            {
                await Task.Delay(pause, _stop.Token);
                lanes = await PromoteOnceAsync(lanes, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping. Maintenance, here or in another worker, finds lanes that stand still.
        }
        catch (Exception e)
        {
            logger.PartFailed(e, "Promoting lanes");
        }
    }

    /// <returns>The lanes to look at again.</returns>
    public async Task<IReadOnlyList<(TenantId, string)>> PromoteOnceAsync(
        IReadOnlyList<(TenantId, string)> lanes, CancellationToken cancellationToken)
    {
        await using var connection = await database.Writes.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        AddCommands(batch, lanes);
        bool promoted;
        IReadOnlyList<(TenantId, string)> again;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
            (promoted, again) = await ReadAsync(reader, cancellationToken);
        if (promoted)
            wake.Set();
        return again;
    }
}
