using Npgsql;
using NpgsqlTypes;

namespace Platform.Jobs.Upkeep;

internal sealed class JobStatistics : IJobStatistics
{
    public async Task<IReadOnlyList<JobQueueSeries>> ReadAsync(
        NpgsqlConnection connection, TimeSpan window, string? queue = null, int points = 60, CancellationToken cancellationToken = default)
    {
        var minutes = Math.Clamp(Math.Ceiling(window.TotalMinutes), 1, IJobStatistics.MaxWindow.TotalMinutes);
        var step = TimeSpan.FromMinutes(Math.Ceiling(minutes / Math.Clamp(points, 1, 1000)));
        await using var command = new NpgsqlCommand(UpkeepSql.Read, connection);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = TimeSpan.FromMinutes(minutes) });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = step });
        command.Parameters.Add(new() { Value = (object?)queue ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

        var series = new List<JobQueueSeries>();
        List<JobQueueSample> samples = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (series is [] || series[^1].Queue != reader.GetString(0))
                series.Add(new JobQueueSeries(reader.GetString(0), step, samples = []));
            samples.Add(new JobQueueSample(
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                reader.IsDBNull(3) ? null : reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetDouble(4),
                reader.GetInt64(5),
                reader.GetInt64(6),
                reader.GetInt64(7),
                reader.GetInt64(8)));
        }

        return series;
    }
}
