namespace Platform.Web.Live;

internal static class LiveExtensions
{
    /// <summary>Each circuit's own view of the tenant's events.</summary>
    public static void AddLiveEvents(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<LiveOptions>().BindConfiguration(LiveOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<LiveEvents>();
    }
}
