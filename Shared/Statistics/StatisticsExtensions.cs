using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Platform.Statistics;

public static class StatisticsExtensions
{
    /// <summary>
    /// Records every request of this service, and the cache's hits and misses, and adds <see cref="StatisticsReader"/>, on the
    /// application's <c>IConnectionMultiplexer</c>. Settings: section <c>Statistics</c>.
    /// </summary>
    public static IHostApplicationBuilder AddRequestStatistics(this IHostApplicationBuilder builder)
    {
        builder.AddStatisticsReader();
        // Before all others, so that their work is measured too.
        builder.Services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, RequestStatisticsStartupFilter>());
        return builder;
    }

    /// <summary>Only the cache's figures and the reader, for a service whose own requests are of no interest.</summary>
    public static IHostApplicationBuilder AddStatisticsReader(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<StatisticsOptions>().BindConfiguration(StatisticsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RequestRecorder>();
        services.TryAddSingleton<CacheListener>();
        services.TryAddSingleton<LocalStatistics>();
        services.TryAddSingleton<StatisticsRedis>();
        services.TryAddSingleton<StatisticsFlusher>();
        services.TryAddSingleton(provider => new StatisticsReader(
            provider.GetRequiredService<StatisticsRedis>(), provider.GetRequiredService<LocalStatistics>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService(provider => provider.GetRequiredService<StatisticsFlusher>());
        return builder;
    }

    /// <summary>Leaves this request out: it takes as long as the client asked for, which says nothing about the service.</summary>
    public static void LeaveOutOfStatistics(this HttpContext context) => context.Features.Set(LeftOutOfStatistics.Instance);
}
