using Platform.Api.Features.Agents;
using Platform.Api.Features.Roles;
using Platform.Api.Features.Settings;
using Platform.Api.Features.Subscriptions;
using Platform.Api.Features.Teams;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Tenancy;

namespace Platform.Api.Features.CacheAdmin;

/// <summary>
/// The answers every user of a tenant asks for soon after a start. Each calls the endpoint's own function, so that what is warmed is
/// exactly what is asked for later.
/// </summary>
internal static class CacheWarmers
{
    private static readonly PageQuery FirstPage = new(null, null, null);

    public static void AddCacheWarmers(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Warmer("agents", (context, tenant, answers) => AgentEndpoints.ListAsync(
            FirstPage, null, context, tenant, context.RequestServices.GetRequiredService<CursorCodec>(), answers)));
        builder.Services.AddSingleton(Warmer("teams", (context, tenant, answers) => TeamEndpoints.ListAsync(
            FirstPage, context, tenant, context.RequestServices.GetRequiredService<CursorCodec>(), answers)));
        builder.Services.AddSingleton(Warmer("roles", (context, tenant, answers) => RoleEndpoints.ListAsync(
            FirstPage, context, tenant, context.RequestServices.GetRequiredService<CursorCodec>(), answers)));
        builder.Services.AddSingleton(Warmer("settings", SettingsEndpoints.GetAsync));
        builder.Services.AddSingleton(new CacheWarmer("subscription", SubscriptionEndpoints.WarmAsync));
    }

    private static CacheWarmer Warmer(string name, Func<HttpContext, TenantContext, CachedAnswers, ValueTask<IResult>> ask) => new(
        name,
        async (services, cancellationToken) => await ask(
            new DefaultHttpContext { RequestServices = services, RequestAborted = cancellationToken },
            services.GetRequiredService<TenantContext>(), services.GetRequiredService<CachedAnswers>()));
}
