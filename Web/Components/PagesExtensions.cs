using Microsoft.AspNetCore.Components.Server;

namespace Platform.Web.Components;

internal static class PagesExtensions
{
    public static void AddPages(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
            circuits.DetailedErrors = builder.Environment.IsDevelopment();
        });
        builder.Services.AddScoped<Parts.Notices>();
        builder.Services.Configure<CircuitOptions>(builder.Configuration.GetSection("Circuits"));
    }

    /// <summary>Pages instead of bare statuses, for unknown addresses and for faults.</summary>
    public static void UseFaultPages(this WebApplication app)
    {
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
    }

    public static void MapPages(this IEndpointRouteBuilder routes) =>
        routes.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
        {
            // Compressing text that mixes secrets with what others wrote tells about the secrets.
            options.DisableWebSocketCompression = true;
            // Said for the whole site by SecurityHeaders.
            options.ContentSecurityFrameAncestorsPolicy = null;
        });
}
