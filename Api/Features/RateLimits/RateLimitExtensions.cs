namespace Platform.Api.Features.RateLimits;

internal static class RateLimitExtensions
{
    /// <summary>Needs the tenant cache. Settings: section <c>RateLimit</c>, and <c>RATE_LIMIT_FREE</c>, <c>_PRO</c>, <c>_ENTERPRISE</c>.</summary>
    public static void AddRateLimits(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Services.AddOptions<RateLimitOptions>()
            .BindConfiguration(RateLimitOptions.Section)
            .Configure(options =>
            {
                options.Free = configuration.GetValue("RATE_LIMIT_FREE", options.Free);
                options.Pro = configuration.GetValue("RATE_LIMIT_PRO", options.Pro);
                options.Enterprise = configuration.GetValue("RATE_LIMIT_ENTERPRISE", options.Enterprise);
            })
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RateQuotas>();
        builder.Services.AddSingleton<RateLimitStore>();
        builder.Services.AddSingleton<TenantPlans>();
        builder.Services.AddSingleton<RateLimitUsage>();
        builder.Services.AddSingleton<RateLimiter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RateLimiter>());
    }

    /// <summary>Goes after authentication and the tenant, before authorization: refused callers count too.</summary>
    public static IApplicationBuilder UseRateLimits(this IApplicationBuilder app) => app.UseMiddleware<RateLimitMiddleware>();

    /// <summary>What a call costs: the requests it counts as, and a limit of its own from <see cref="RateLimitPolicies"/>.</summary>
    public static TBuilder WithRateLimit<TBuilder>(this TBuilder builder, int weight = 1, string? policy = null)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RateLimitRule(weight, policy));

    /// <summary>Neither counted nor refused.</summary>
    public static TBuilder WithoutRateLimit<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(RateLimitRule.Exempt);
}
