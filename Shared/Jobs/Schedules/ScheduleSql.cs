using Npgsql;
using NpgsqlTypes;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Schedules;

/// <summary>The statements in <c>Sql/schedule_*.sql</c>.</summary>
internal static class ScheduleSql
{
    public static readonly string Create = JobSql.Read("schedule_create");
    public static readonly string Change = JobSql.Read("schedule_change");
    public static readonly string Pause = JobSql.Read("schedule_pause");
    public static readonly string Delete = JobSql.Read("schedule_delete");
    public static readonly string Read = JobSql.Read("schedule_read");
    public static readonly string Runs = JobSql.Read("schedule_runs");
    public static readonly string Lock = JobSql.Read("schedule_lock");
    public static readonly string Count = JobSql.Read("schedule_count");

    public static readonly string Declare = JobSql.Read("schedule_declare");
    public static readonly string Retire = JobSql.Read("schedule_retire");
    public static readonly string Due = JobSql.Read("schedule_due");
    public static readonly string NextDue = JobSql.Read("schedule_next_due");
    public static readonly string Fire = JobSql.Read("schedule_fire");
    public static readonly string PruneRuns = JobSql.Read("schedule_prune_runs");

    public static NpgsqlParameter Time(DateTimeOffset? time) =>
        new() { Value = (object?)time?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    public static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
