using Platform.Jobs;

namespace Platform.Worker.CleanUp;

internal static class CleanUpExtensions
{
    /// <summary>The job that deletes what is over, and its schedule. Needs the tenant cache.</summary>
    public static void AddCleanUp(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CleanUpOptions>().BindConfiguration(CleanUpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<CleanUpStore>();
        builder.Services.AddJobHandler<CleanUpData, CleanUpHandler>();
        builder.AddPlatformSchedule("clean up", builder.ReadOptions<CleanUpOptions>(CleanUpOptions.Section).Schedule, new CleanUpData());
    }
}
