using Platform.Realtime.Connections;
using Platform.Realtime.EventStream;
using Platform.Realtime.Feeds;

namespace Platform.Realtime;

internal static class RealtimeExtensions
{
    /// <summary>Adds settings, feeds and the keeping of connections.</summary>
    public static IHostApplicationBuilder AddRealtimeFeeds(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RealtimeOptions>()
            .Bind(builder.Configuration.GetSection(RealtimeOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<TenantFeeds>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TenantFeeds>());
        builder.Services.AddSingleton<ConnectionDrain>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ConnectionDrain>());
        builder.Services.AddSingleton<EventStreamWriter>();
        return builder;
    }
}
