using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Platform.Web.Sessions;

internal static class SessionExtensions
{
    /// <summary>The cookie as far as the browser sees it.</summary>
    public const string CookieName = "platform.session";

    /// <summary>
    /// Sign-in by cookie; the API's tokens stay in the distributed cache (Redis where <c>ConnectionStrings:redis</c> is set,
    /// else this process' memory).
    /// </summary>
    public static void AddSessions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SessionOptions>().BindConfiguration(SessionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString("redis")))
        {
            builder.Services.AddDistributedMemoryCache();
            builder.Services.AddSingleton<ISessionLock, NoSessionLock>();
        }
        else
        {
            // Without Redis this process still serves the sessions it knows; that is no reason to take it out of service.
            builder.AddRedisDistributedCache("redis", static settings => settings.DisableHealthChecks = true);
            builder.Services.AddSingleton<ISessionLock, RedisSessionLock>();
        }

        var protection = builder.Services.AddDataProtection().SetApplicationName("Platform.Web");
        if (builder.Configuration["DataProtection:KeysPath"] is { Length: > 0 } path)
            protection.PersistKeysToFileSystem(new DirectoryInfo(path));

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IAuthBackend, AuthBackend>();
        builder.Services.AddSingleton<SessionTokens>();
        builder.Services.AddSingleton<SignInService>();
        builder.Services.AddHostedService<SessionTrimmer>();
        builder.Services.AddScoped<CurrentUser>();
        builder.Services.AddScoped<AuthenticationStateProvider, SessionStateProvider>();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddAuthorization();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        builder.Services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<IOptions<SessionOptions>>(static (cookie, session) =>
            {
                cookie.Cookie.Name = CookieName;
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.ExpireTimeSpan = session.Value.IdleTimeout;
                cookie.SlidingExpiration = true;
                cookie.LoginPath = "/sign-in";
                cookie.AccessDeniedPath = "/not-found";
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.EventsType = typeof(SessionCookieEvents);
            });
        builder.Services.AddScoped<SessionCookieEvents>();
        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "platform.antiforgery";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.SuppressXFrameOptionsHeader = true; // frame-ancestors says it for the whole site.
        });
    }

    public static void MapSessions(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/sign-out", static async (HttpContext context, IAntiforgery antiforgery, SignInService service) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context)) return Results.Redirect("/");
            await service.SignOutAsync(context);
            return Results.Redirect("/sign-in");
        }).DisableAntiforgery();
}
