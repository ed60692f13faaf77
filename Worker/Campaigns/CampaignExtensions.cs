using Platform.Data.Campaigns;
using Platform.Jobs;

namespace Platform.Worker.Campaigns;

/// <summary>Registers sending of campaigns.</summary>
internal static class CampaignExtensions
{
    /// <summary>Needs e-mail.</summary>
    public static void AddCampaigns(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CampaignOptions>()
            .BindConfiguration(CampaignOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddTenantNotices();
        builder.Services.AddSingleton<ICampaignChannel, EmailChannel>();
        builder.Services.AddSingleton<ICampaignChannel, GatewayChannel>();
        builder.Services.AddSingleton<SendPace>();
        builder.Services.AddSingleton<OptOutUrls>();
        builder.Services.AddScoped<CampaignStore>();
        builder.Services.AddJobHandler<SendCampaign, SendCampaignHandler>();
        builder.Services.AddJobHandler<AdoptCampaigns, AdoptCampaignsHandler>();
        builder.AddPlatformSchedule(
            "adopt campaigns", builder.ReadOptions<CampaignOptions>(CampaignOptions.Section).AdoptSchedule, new AdoptCampaigns());
    }
}
