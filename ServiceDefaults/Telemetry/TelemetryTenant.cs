using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Platform.Tenancy;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>
/// Whose work is being done, for spans and logs only: never used to decide about access, never sent to another service.
/// In a request it is read from the verified token by itself; a job's span carries it, as does all that runs within; a circuit or
/// a hub call says it with <see cref="Begin"/>.
/// </summary>
public static class TelemetryTenant
{
    private static readonly AsyncLocal<Scope?> Ambient = new();

    /// <summary>The tenant's id, or null when none is known.</summary>
    public static string? TenantId => Ambient.Value?.Tenant ?? Activity.Current?.GetTagItem(TelemetryTags.Tenant) as string;

    /// <summary>The user's id, or null when none is known.</summary>
    public static string? UserId => Ambient.Value?.User;

    /// <summary>
    /// Opens a unit of work for this tenant; what runs inside, awaited or started, carries it. Dispose it in the same method.
    /// The running activity, if any, is tagged too.
    /// </summary>
    public static IDisposable Begin(TenantId tenant, string? userId = null)
    {
        var scope = Open(context: null);
        scope.Set(tenant.ToString(), userId);
        TelemetryTags.Apply(Activity.Current);
        return scope;
    }

    internal static Scope Open(HttpContext? context) => Ambient.Value = new Scope(context, Ambient.Value);

    internal sealed class Scope(HttpContext? context, Scope? outer) : IDisposable
    {
        private HttpContext? _context = context;
        private string? _tenant;
        private string? _user;

        public string? Tenant => _tenant ?? Claim(PlatformClaims.TenantId);

        public string? User => _user ?? Claim("sub") ?? Claim(ClaimTypes.NameIdentifier);

        public void Set(string tenant, string? user) => (_tenant, _user) = (tenant, user);

        /// <remarks>Emptied, not only left: a background loop begun inside must not carry this tenant for ever.</remarks>
        public void Dispose()
        {
            _context = null;
            _tenant = _user = null;
            Ambient.Value = outer;
        }

        private string? Claim(string type) =>
            _context?.User is { Identity.IsAuthenticated: true } user ? user.FindFirst(type)?.Value : null;
    }
}
