using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Platform.Api.Features.Auth;

internal static class VerifiedTokensExtensions
{
    /// <summary>Has every bearer scheme verify a token's signature once, not in each request. See <see cref="VerifiedTokens"/>.</summary>
    public static IServiceCollection AddVerifiedTokens(this IServiceCollection services)
    {
        services.AddTransient<BearerHandler>();
        services.PostConfigure<AuthenticationOptions>(authentication =>
        {
            foreach (var scheme in authentication.Schemes.Where(scheme => scheme.HandlerType == typeof(JwtBearerHandler)))
                scheme.HandlerType = typeof(BearerHandler);
        });
        services.AddSingleton<IPostConfigureOptions<JwtBearerOptions>, Wrap>();
        return services;
    }

    /// <summary>Each scheme remembers its own: what one of them accepts another may not.</summary>
    private sealed class Wrap(IOptions<AuthOptions> auth, TimeProvider time) : IPostConfigureOptions<JwtBearerOptions>
    {
        public void PostConfigure(string? name, JwtBearerOptions options)
        {
            if (auth.Value.VerifiedTokens > 0 && options.TokenHandlers is [not VerifiedTokens and var inner])
                options.TokenHandlers[0] = new VerifiedTokens(inner, auth.Value.VerifiedTokens, time);
        }
    }
}
