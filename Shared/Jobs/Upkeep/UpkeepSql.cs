using Platform.Jobs.Internal;

namespace Platform.Jobs.Upkeep;

/// <summary>The statements in <c>Sql/statistics_*.sql</c> and <c>Sql/hot_table_*.sql</c>.</summary>
internal static class UpkeepSql
{
    public static readonly string Count = JobSql.Read("statistics_count");
    public static readonly string Measure = JobSql.Read("statistics_measure");
    public static readonly string Prune = JobSql.Read("statistics_prune");
    public static readonly string Read = JobSql.Read("statistics_read");
    public static readonly string Durations = JobSql.Read("statistics_durations");
    public static readonly string Tenant = JobSql.Read("statistics_tenant");
    public static readonly string Horizon = JobSql.Read("hot_table_horizon");
    public static readonly string Size = JobSql.Read("hot_table_size");
    public static readonly string Indexes = JobSql.Read("hot_table_indexes");
}
