using Platform.Api.Features.Agents;
using Platform.Api.Features.ApiKeys;
using Platform.Api.Features.Appointments;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Features.CacheAdmin;
using Platform.Api.Features.Campaigns;
using Platform.Api.Features.Connections;
using Platform.Api.Features.Contacts;
using Platform.Api.Features.Conversations;
using Platform.Api.Features.Health;
using Platform.Api.Features.Images;
using Platform.Api.Features.Imports;
using Platform.Api.Features.Jobs;
using Platform.Api.Features.Members;
using Platform.Api.Features.Notifications;
using Platform.Api.Features.Operators;
using Platform.Api.Features.OutgoingWebhooks;
using Platform.Api.Features.Performance;
using Platform.Api.Features.Professionals;
using Platform.Api.Features.Profile;
using Platform.Api.Features.RateLimits;
using Platform.Api.Features.Realtime;
using Platform.Api.Features.Reports;
using Platform.Api.Features.Roles;
using Platform.Api.Features.Settings;
using Platform.Api.Features.Subscriptions;
using Platform.Api.Features.Teams;
using Platform.Api.Features.WebhookSources;
using Platform.Api.Features.Webhooks;

namespace Platform.Api.Features;

/// <summary>The list of features: a new one is a folder beside this file and a line or two here.</summary>
internal static class FeatureExtensions
{
    /// <summary>What the features need beside what all share.</summary>
    public static void AddFeatures(this WebApplicationBuilder builder)
    {
        builder.AddApiKeys();
        builder.AddBilling();
        builder.AddCacheWarmers();
        builder.AddConversations();
        builder.AddHealthReport();
        builder.AddImages();
        builder.AddImports();
        builder.AddJobAdmin();
        builder.AddNotifications();
        builder.AddOutgoingWebhooks();
        builder.Services.AddSingleton<CampaignJobs>();
        builder.AddReports();
        builder.AddWebhooks();
        builder.AddWebhookSources();
        builder.Services.AddScoped<MemberCommands>();
        builder.Services.AddSingleton<OperatorStore>();
        builder.Services.AddSingleton<SlowQueryStore>();
    }

    public static void MapFeatures(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapAgents();
        endpoints.MapApiKeys();
        endpoints.MapAppointments();
        endpoints.MapAuth();
        endpoints.MapBilling();
        endpoints.MapCacheReport();
        endpoints.MapCampaigns();
        endpoints.MapConnections();
        endpoints.MapContacts();
        endpoints.MapConversations();
        endpoints.MapHealthReport();
        endpoints.MapImages();
        endpoints.MapImports();
        endpoints.MapJobAdmin();
        endpoints.MapJobs();
        endpoints.MapMembers();
        endpoints.MapNotifications();
        endpoints.MapOperators();
        endpoints.MapOptOuts();
        endpoints.MapOutgoingWebhooks();
        endpoints.MapPerformance();
        endpoints.MapProfessionals();
        endpoints.MapProfile();
        endpoints.MapRealtime();
        endpoints.MapReports();
        endpoints.MapRoles();
        endpoints.MapSettings();
        endpoints.MapSlowQueries();
        endpoints.MapSubscription();
        endpoints.MapTeams();
        endpoints.MapWebhookSources();
        endpoints.MapWebhooks();
    }
}
