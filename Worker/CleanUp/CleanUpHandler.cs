using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Caching;
using Platform.Events;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Worker.CleanUp;

/// <summary>
/// Goes through databases and tenants and deletes what is over, in batches. A run that has deleted enough ends and has another one
/// go on where it stopped, so that other jobs come in between; repeated, it finds less to do.
/// </summary>
internal sealed class CleanUpHandler(
    CleanUpStore store, IJobQueue jobs, TenantCache cache, ITenantEvents events, IOptions<CleanUpOptions> options)
    : IJobHandler<CleanUpData>
{
    private static readonly Meter Meter = new(WorkerTelemetry.Name);

    /// <summary>Label <c>kind</c>: the table.</summary>
    private static readonly Counter<long> Rows = Meter.CreateCounter<long>("clean_up_rows_total", "{row}", "Rows deleted because they were over.");

    private readonly SortedDictionary<string, long> _removed = new(StringComparer.Ordinal);
    private long _rows;

    public async Task<object?> RunAsync(CleanUpData payload, JobContext context, CancellationToken cancellationToken)
    {
        var (done, isOver) = (0L, false);
        for (var i = payload.Database; i < store.Databases.Count && !isOver; i++)
        {
            var database = store.Databases[i];
            var after = i == payload.Database ? payload.After : null;
            if (after is null)
                _ = await DeleteAsync(database, PlatformTenant.Id, CleanUpStep.OfDatabase, cancellationToken);
            var (tenants, remaining) = await CleanUpStore.ReadTenantsAsync(database, after, cancellationToken);
            while (tenants.Count > 0 && !isOver)
            {
                foreach (var tenant in tenants)
                {
                    // Not done yet when the run's rows end in the middle of it: then the next run has it again.
                    isOver = !await DeleteAsync(database, tenant, CleanUpStep.OfTenant, cancellationToken);
                    if (isOver)
                        break;
                    (after, remaining, done) = (tenant.Value, remaining - 1, done + 1);
                    await context.ReportProgressAsync(done, done + remaining, cancellationToken);
                }
                if (!isOver)
                    (tenants, remaining) = await CleanUpStore.ReadTenantsAsync(database, after, cancellationToken);
            }
            if (isOver)
                await GoOnAsync(new CleanUpData(i, after), cancellationToken);
        }
        return new { tenants = done, rows = _rows, removed = _removed, goesOn = isOver };
    }

    /// <summary>Repeats the steps until nothing is left for them.</summary>
    /// <returns>False when the run has deleted its share before that.</returns>
    private async Task<bool> DeleteAsync(
        NpgsqlDataSource database, TenantId tenant, IReadOnlyList<CleanUpStep> steps, CancellationToken cancellationToken)
    {
        while (true)
        {
            var removed = await store.DeleteAsync(database, tenant, steps, options.Value, cancellationToken);
            var left = new List<CleanUpStep>();
            for (var i = 0; i < steps.Count; i++)
            {
                if (removed[i] == 0)
                    continue;
                var kind = steps[i].Kind;
                _removed[kind] = _removed.GetValueOrDefault(kind) + removed[i];
                _rows += removed[i];
                Rows.Add(removed[i], new KeyValuePair<string, object?>("kind", kind));
                if (steps[i].CacheSubject is { } subject)
                    await cache.InvalidateAsync(CacheTag.For(tenant, subject));
                if (kind == CleanUpStep.ReportFiles)
                    await TellAsync(tenant, removed[i]);
                if (removed[i] >= CleanUpStore.LimitOf(steps[i], options.Value))
                    left.Add(steps[i]);
            }
            if (left.Count == 0)
                return true;
            if (_rows >= options.Value.RunRows)
                return false;
            steps = left;
        }
    }

    /// <summary>It is done already, hence no token.</summary>
    private ValueTask<long> TellAsync(TenantId tenant, long count) => events.PublishAsync(
        tenant, new TenantEvent("report.expired", JsonSerializer.SerializeToElement(new { count })), CancellationToken.None);

    private Task<Guid> GoOnAsync(CleanUpData rest, CancellationToken cancellationToken) =>
        jobs.EnqueueAsync(store.Databases[0], PlatformTenant.Id, rest, cancellationToken: cancellationToken);
}
