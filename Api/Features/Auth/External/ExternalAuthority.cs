using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Platform.Identity;

namespace Platform.Api.Features.Auth.External;

/// <summary>Lets in who has a token of the external authority: <see cref="ExternalTokens"/> verifies it, <see cref="ExternalIdentities"/> says who it is.</summary>
internal static class ExternalAuthority
{
    public static void AddExternalAuthority(this IServiceCollection services)
    {
        services.AddExternalTokens<AuthOptions>(own => own.Issuer);
        services.AddSingleton<ExternalIdentities>();
        services.AddOptions<JwtBearerOptions>(ExternalTokens.SchemeName)
            .Configure<AuthorityKeys, ExternalIdentities, IOptions<ExternalOptions>>((jwt, keys, identities, external) =>
                ExternalTokens.Configure(
                    jwt, keys, external.Value, AuthOptions.ClockSkew, context => IdentifyAsync(context, identities), AuthExtensions.ChallengeAsync));
    }

    private static Task IdentifyAsync(TokenValidatedContext context, ExternalIdentities identities)
    {
        var pending = identities.ResolveAsync(context.SecurityToken, context.Principal!, context.HttpContext.RequestAborted);
        if (!pending.IsCompletedSuccessfully)
            return WaitAsync(pending.AsTask(), context);
        context.Principal = pending.Result;
        return Task.CompletedTask;
    }

    private static async Task WaitAsync(Task<PlatformPrincipal> pending, TokenValidatedContext context)
    {
        try
        {
            context.Principal = await pending;
        }
        catch (AccessRefusedException exception)
        {
            context.Fail(exception);
        }
    }
}
