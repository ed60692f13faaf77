using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;

namespace Platform.Jobs.Upkeep;

/// <summary>
/// Cleans the hot table of ended jobs' rows once there are some. Autovacuum does so too, but once a minute at best, and by then a
/// busy queue has a million of them. Needs Postgres 17, whose privilege lets a role vacuum what it doesn't own.
/// </summary>
internal sealed class HotTableVacuum(JobDatabase database, IndexRebuild table, TimeProvider time, IOptions<JobWorkerOptions> options) : LeaderDuty
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>How long to leave rows alone that the last time could not remove, unless they have doubled.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private long _left;
    private long _vacuumedAt;

    public override async Task RunAsync(CancellationToken lead)
    {
        while (options.Value.VacuumAbove > 0)
        {
            await VacuumAsync(lead);
            await Task.Delay(Interval, time, lead);
        }
    }

    /// <returns>Whether it was time to.</returns>
    internal async Task<bool> VacuumAsync(CancellationToken cancellationToken)
    {
        var dead = (await table.SizeAsync(cancellationToken)).DeadRows;
        if (dead < options.Value.VacuumAbove || (dead < _left * 2 && time.GetElapsedTime(_vacuumedAt) < Patience))
            return false;

        // The end of the table isn't given back: that locks everybody out, and it grows again at once. If autovacuum is at it, let it.
        await using (var connection = await database.OpenUpkeepAsync(Longest, cancellationToken))
        await using (var vacuum = new NpgsqlCommand("VACUUM (SKIP_LOCKED, TRUNCATE OFF) jobs.pending", connection))
            await vacuum.ExecuteNonQueryAsync(cancellationToken);

        _left = (await table.SizeAsync(cancellationToken)).DeadRows;
        _vacuumedAt = time.GetTimestamp();
        return true;
    }
}
