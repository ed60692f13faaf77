using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Platform.Events;

public static class EventsServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="ITenantEvents"/>, <see cref="RealtimeTickets"/>, <see cref="EndedAccess"/>, <see cref="TenantEventSubscriber"/> and
    /// <see cref="TenantEventWindow"/> on the application's <c>IConnectionMultiplexer</c>. Settings: section <c>Events</c>.
    /// </summary>
    public static IHostApplicationBuilder AddTenantEvents(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<EventsOptions>()
            .Bind(builder.Configuration.GetSection(EventsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddTenantEvents();
        return builder;
    }

    /// <summary>As above, with the defaults; for hosts without configuration.</summary>
    public static IServiceCollection AddTenantEvents(this IServiceCollection services)
    {
        services.AddOptions<EventsOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventsRedis>();
        services.TryAddSingleton<RedisTenantEvents>();
        services.TryAddSingleton<ITenantEvents>(provider => provider.GetRequiredService<RedisTenantEvents>());
        services.TryAddSingleton(provider => new RealtimeTickets(
            provider.GetRequiredService<EventsRedis>(), Settings(provider), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new EndedAccess(
            provider.GetRequiredService<EventsRedis>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new TenantEventWindow(
            provider.GetRequiredService<EventsRedis>(), Settings(provider), provider.GetRequiredService<TimeProvider>()));
        if (services.Any(service => service.ServiceType == typeof(TenantEventSubscriber)))
            return services;
        services.AddSingleton(provider => new TenantEventSubscriber(
            provider.GetRequiredService<EventsRedis>(), provider.GetRequiredService<TenantEventWindow>(), Settings(provider),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TenantEventSubscriber>>()));
        services.AddSingleton<LostEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<TenantEventSubscriber>());
        services.AddHostedService(provider => provider.GetRequiredService<LostEvents>());
        return services;
    }

    private static IOptions<EventsOptions> Settings(IServiceProvider provider) => provider.GetRequiredService<IOptions<EventsOptions>>();
}
