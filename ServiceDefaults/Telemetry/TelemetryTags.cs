using System.Diagnostics;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>Names of the attributes the platform adds to spans and log records.</summary>
internal static class TelemetryTags
{
    public const string Tenant = "tenant.id";
    public const string User = "enduser.id";

    /// <summary>Puts tenant and user on the activity, as far as they are known and not there yet.</summary>
    public static void Apply(Activity? activity)
    {
        if (activity is not { IsAllDataRequested: true })
            return;
        if (activity.GetTagItem(Tenant) is null && (TelemetryTenant.TenantId ?? activity.Parent?.GetTagItem(Tenant)) is { } tenant)
            activity.SetTag(Tenant, tenant);
        if (TelemetryTenant.UserId is { } user && activity.GetTagItem(User) is null)
            activity.SetTag(User, user);
    }
}
