using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Platform.Jobs.Engine;
using Platform.Jobs.Internal;
using Platform.Jobs.Schedules;
using Platform.Jobs.Upkeep;
using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>Registers the durable queue.</summary>
public static class JobServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IJobQueue"/>, <see cref="IJobReader"/>, <see cref="IJobSearch"/>, <see cref="IJobAdmin"/>, <see cref="IJobOperators"/>
    /// and <see cref="IJobSchedules"/>: enough to enqueue jobs on one's own connections, to follow and to tend them. Runs nothing.
    /// </summary>
    public static IServiceCollection AddJobQueue(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EnqueueHints>();
        services.TryAddSingleton<IJobQueue, JobQueue>();
        services.TryAddSingleton<IJobReader, JobReader>();
        services.TryAddSingleton<IJobAdmin, JobAdmin>();
        services.TryAddSingleton<IJobSchedules, JobSchedules>();
        services.TryAddSingleton<IJobSearch, JobSearch>();
        services.TryAddSingleton<IJobOperators, JobOperators>();
        services.TryAddSingleton<IJobStatistics, JobStatistics>();
        return services;
    }

    /// <inheritdoc cref="AddJobQueue(IServiceCollection)"/>
    public static IHostApplicationBuilder AddJobQueue(this IHostApplicationBuilder builder)
    {
        builder.Services.AddJobQueue();
        return builder;
    }

    /// <summary>Adds what does the jobs of one payload type.</summary>
    /// <exception cref="JobException">The payload's type has no <see cref="JobAttribute"/>.</exception>
    public static IServiceCollection AddJobHandler<TPayload, THandler>(this IServiceCollection services)
        where TPayload : notnull
        where THandler : class, IJobHandler<TPayload>
    {
        services.TryAddScoped<TenantContext>();
        services.AddScoped<THandler>();
        services.AddSingleton<JobRegistration>(new JobRegistration<TPayload, THandler>());
        return services;
    }

    /// <summary>
    /// Adds the engine that claims and runs jobs in this process, on connections of its own (connection string
    /// <c>platform-queue</c>), configured by section <c>Jobs</c>. A registered <see cref="IJobEvents"/> is told of what happens.
    /// </summary>
    public static IServiceCollection AddJobWorker(this IServiceCollection services, Action<JobWorkerOptions>? configure = null)
    {
        services.AddJobQueue();
        services.AddMetrics();
        services.AddOptions<JobWorkerOptions>()
            .BindConfiguration(JobWorkerOptions.Section)
            .PostConfigure<IConfiguration>((options, configuration) =>
            {
                if (options.ConnectionString.Length == 0)
                    options.ConnectionString = configuration.GetConnectionString("platform-queue") ?? "";
            })
            .Validate(
                options => options.Heartbeat * 2 <= options.Lease,
                "Jobs:Heartbeat must be at most half of Jobs:Lease, or a late heartbeat loses every running job.")
            .Validate(
                options => options.Queues.Count > 0 && options.Queues.Values.All(q => Validator.TryValidateObject(q, new(q), null, true)),
                "Jobs:Queues must name at least one queue, each with a Concurrency of 1 to 1000, a TenantConcurrency of 0 to 1000 and a Prefetch of 0 to 10000.")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);

        services.AddSingleton<AsyncSignal>();
        services.AddSingleton<JobDatabase>();
        services.AddSingleton<JobMetrics>();
        services.AddSingleton<RunningJobs>();
        services.AddSingleton<JobEventPublisher>();
        services.AddSingleton<ProgressWriter>();
        services.AddSingleton<BatchReader>();
        services.AddSingleton<LanePromoter>();
        services.AddSingleton<OutcomeWriter>();
        services.AddSingleton<WorkerLease>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<QueueRunners>();
        services.AddSingleton<ClaimRules>();
        services.AddSingleton<Claimer>();
        services.AddSingleton<Maintenance>();
        services.AddSingleton<WakeListener>();
        services.AddSingleton<Watchdog>();
        services.AddJobLeadership();
        services.AddHostedService<JobWorker>();
        return services;
    }

    /// <inheritdoc cref="AddJobWorker(IServiceCollection, Action{JobWorkerOptions}?)"/>
    public static IHostApplicationBuilder AddJobWorker(this IHostApplicationBuilder builder, Action<JobWorkerOptions>? configure = null)
    {
        builder.Services.AddJobWorker(configure);
        return builder;
    }
}
