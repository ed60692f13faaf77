using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Platform.Jobs.Internal;

namespace Platform.Jobs;

/// <summary>Registers the durable queue.</summary>
public static class JobServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IJobQueue"/> and <see cref="IJobReader"/>: enough to enqueue jobs on one's own connections and to
    /// follow them. Runs nothing.
    /// </summary>
    public static IServiceCollection AddJobQueue(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EnqueueHints>();
        services.TryAddSingleton<IJobQueue, JobQueue>();
        services.TryAddSingleton<IJobReader, JobReader>();
        return services;
    }

    /// <inheritdoc cref="AddJobQueue(IServiceCollection)"/>
    public static IHostApplicationBuilder AddJobQueue(this IHostApplicationBuilder builder)
    {
        builder.Services.AddJobQueue();
        return builder;
    }
}
