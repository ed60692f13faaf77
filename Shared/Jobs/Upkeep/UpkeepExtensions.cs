using Microsoft.Extensions.DependencyInjection;
using Platform.Jobs.Engine;
using Platform.Jobs.Schedules;

namespace Platform.Jobs.Upkeep;

internal static class UpkeepExtensions
{
    /// <summary>What a worker needs to lead: the election and the leader's duties.</summary>
    public static IServiceCollection AddJobLeadership(this IServiceCollection services)
    {
        services.AddSingleton<Leadership>();
        services.AddSingleton<DeclaredSchedules>();
        services.AddSingleton<LeaderDuty, ScheduleRunner>();
        services.AddSingleton<OutcomeCounts>();
        services.AddSingleton<LeaderDuty, QueueMeasurer>();
        services.AddSingleton<IndexRebuild>();
        services.AddSingleton<LeaderDuty, HotTableWatch>();
        services.AddSingleton<LeaderDuty, HotTableVacuum>();
        services.AddSingleton<LeaderDuty, Pruning>();
        return services;
    }
}
