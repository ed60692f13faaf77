using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Platform.Tenancy;

namespace Platform.Jobs.Schedules;

/// <summary>Declares schedules in code.</summary>
public static class JobScheduleExtensions
{
    /// <summary>
    /// Enqueues a job of the platform's own (tenant <see cref="PlatformTenant.Id"/>) at the times of a cron expression, once
    /// however many workers declare it. Changing it here changes it with the next leader; taking it out retires it.
    /// </summary>
    /// <param name="name">1 to 100 characters; another name is another schedule.</param>
    /// <param name="cron">As <see cref="CronSchedule.Parse"/> reads it.</param>
    /// <param name="timeZone">An IANA name.</param>
    /// <param name="misfire"><see cref="JobMisfire.RunOnce"/> by default.</param>
    /// <param name="options">What its jobs set apart from their type's defaults; no delay, lane or unique key.</param>
    /// <exception cref="JobException">Something of that can't be; the message says what.</exception>
    public static IServiceCollection AddJobSchedule<TPayload>(
        this IServiceCollection services,
        string name,
        string cron,
        string timeZone,
        TPayload payload,
        JobMisfire? misfire = null,
        JobOptions? options = null)
        where TPayload : notnull
    {
        if (services.Any(s => s.ImplementationInstance is ScheduleSettings other && other.Name == name))
            throw new JobException($"There are two schedules named '{name}'.");
        return services.AddSingleton(ScheduleSettings.Of(name, CronSchedule.Parse(cron, timeZone), payload, misfire, options));
    }

    /// <inheritdoc cref="AddJobSchedule{TPayload}(IServiceCollection, string, string, string, TPayload, JobMisfire?, JobOptions?)"/>
    public static IHostApplicationBuilder AddJobSchedule<TPayload>(
        this IHostApplicationBuilder builder,
        string name,
        string cron,
        string timeZone,
        TPayload payload,
        JobMisfire? misfire = null,
        JobOptions? options = null)
        where TPayload : notnull
    {
        builder.Services.AddJobSchedule(name, cron, timeZone, payload, misfire, options);
        return builder;
    }
}
