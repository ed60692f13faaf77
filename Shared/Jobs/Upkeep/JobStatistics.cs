using Npgsql;
using NpgsqlTypes;
using Platform.Jobs.Internal;
using Platform.Tenancy;

namespace Platform.Jobs.Upkeep;

internal sealed class JobStatistics(TimeProvider time) : IJobStatistics
{
    /// <summary>A job that waited longer than this to end is missing from its tenant's figures.</summary>
    private static readonly TimeSpan LongestTenantJob = TimeSpan.FromDays(1);

    public async Task<IReadOnlyList<JobQueueSeries>> ReadAsync(
        NpgsqlConnection connection, TimeSpan window, string? queue = null, int points = 60, CancellationToken cancellationToken = default)
    {
        var (minutes, step) = Steps(window, points);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (ReadOnlySpan<string>)[UpkeepSql.Durations, UpkeepSql.Read])
        {
            var command = new NpgsqlBatchCommand(sql);
            AddWindow(command.Parameters, minutes, step, queue);
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var durations = await ReadDurationsAsync(reader, cancellationToken);
        var whole = durations.ToLookup(d => (d.Queue, d.Ran), d => d.Counts);
        var single = durations.ToLookup(d => (d.Queue, d.At, d.Ran), d => d.Counts);
        await reader.NextResultAsync(cancellationToken);
        var series = new List<JobQueueSeries>();
        List<JobQueueSample> samples = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var (name, at) = (reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1));
            if (series is [] || series[^1].Queue != name)
            {
                series.Add(new JobQueueSeries(
                    name, step, samples = [], DurationHistogram.Times(whole[(name, false)]), DurationHistogram.Times(whole[(name, true)])));
            }

            samples.Add(new JobQueueSample(
                at,
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                reader.IsDBNull(3) ? null : reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetDouble(4),
                reader.GetInt64(5),
                reader.GetInt64(6),
                reader.GetInt64(7),
                reader.GetInt64(8),
                DurationHistogram.Times(single[(name, at, false)]),
                DurationHistogram.Times(single[(name, at, true)])));
        }

        return series;
    }

    public async Task<TenantJobStatistics> ReadTenantAsync(
        NpgsqlDataSource dataSource, TenantId tenant, TimeSpan window, string? queue = null, int points = 60,
        CancellationToken cancellationToken = default)
    {
        var (minutes, step) = Steps(window, points);
        var command = new NpgsqlBatchCommand(UpkeepSql.Tenant);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        AddWindow(command.Parameters, minutes, step, queue);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = JobSearch.FirstOf(time.GetUtcNow() - minutes - LongestTenantJob) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = IJobStatistics.MaxTenantJobs });
        return await JobSearch.ReadAsync(dataSource, tenant, [command], reader => ReadTenantAsync(reader, step, cancellationToken), cancellationToken);
    }

    private static async Task<TenantJobStatistics> ReadTenantAsync(NpgsqlDataReader reader, TimeSpan step, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        DateTimeOffset? since = reader.IsDBNull(10) ? null : JobSearch.TimeOf(reader.GetGuid(10));
        var series = new List<JobQueueSeries>();
        List<JobQueueSample> samples = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var (wait, run) = (Times(reader, 6), Times(reader, 8));
            if (reader.IsDBNull(1))
            {
                series.Add(new JobQueueSeries(reader.GetString(0), step, samples = [], wait, run));
                continue;
            }

            samples.Add(new JobQueueSample(
                reader.GetFieldValue<DateTimeOffset>(1), null, null, null, reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
                reader.GetInt64(5), wait, run));
        }

        return new(series, since);
    }

    private static async Task<List<(string Queue, DateTimeOffset At, bool Ran, DurationCounts Counts)>> ReadDurationsAsync(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var durations = new List<(string, DateTimeOffset, bool, DurationCounts)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            durations.Add((
                reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetBoolean(2),
                new(reader.GetFieldValue<short[]>(3), reader.GetFieldValue<long[]>(4), reader.GetDouble(5))));
        }

        return durations;
    }

    /// <summary>From a mean and an array of two percentiles.</summary>
    private static JobTimes? Times(NpgsqlDataReader reader, int column) =>
        !reader.IsDBNull(column) && reader.GetFieldValue<double[]>(column + 1) is [var p50, var p95]
            ? JobTimes.Of(reader.GetDouble(column), p50, p95)
            : null;

    private static (TimeSpan Window, TimeSpan Step) Steps(TimeSpan window, int points)
    {
        var minutes = Math.Clamp(Math.Ceiling(window.TotalMinutes), 1, IJobStatistics.MaxWindow.TotalMinutes);
        return (TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(Math.Ceiling(minutes / Math.Clamp(points, 1, 1000))));
    }

    private static void AddWindow(NpgsqlParameterCollection parameters, TimeSpan window, TimeSpan step, string? queue)
    {
        parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = window });
        parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = step });
        parameters.Add(new() { Value = (object?)queue ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
    }
}
