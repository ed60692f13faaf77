using Npgsql;
using Platform.Jobs.Engine;
using Platform.Tenancy;

namespace Platform.Jobs.Schedules;

/// <summary>Stores the schedules that are declared in this process's code, and retires those that are not.</summary>
internal sealed class DeclaredSchedules(JobDatabase database, IEnumerable<ScheduleSettings> declared)
{
    private readonly ScheduleSettings[] _declared = [.. declared];

    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Writes.OpenConnectionAsync(cancellationToken);
        DateTimeOffset now;
        await using (var clock = new NpgsqlCommand("SELECT clock_timestamp()", connection))
            now = new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellationToken))!);

        await using var batch = new NpgsqlBatch(connection);
        foreach (var settings in _declared)
        {
            var declare = new NpgsqlBatchCommand(ScheduleSql.Declare);
            declare.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = PlatformTenant.Id.Value });
            declare.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
            settings.AddTo(declare.Parameters);
            declare.Parameters.Add(ScheduleSql.Time(settings.Cron.Next(now)));
            batch.BatchCommands.Add(declare);
        }

        var retire = new NpgsqlBatchCommand(ScheduleSql.Retire);
        retire.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = PlatformTenant.Id.Value });
        retire.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. _declared.Select(s => s.Name)] });
        batch.BatchCommands.Add(retire);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
