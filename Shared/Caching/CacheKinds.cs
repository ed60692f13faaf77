using System.Collections.Frozen;

namespace Platform.Caching;

/// <summary>The one table of what is cached and for how long. Settings <c>Cache:Ttl:{name}</c> override a time.</summary>
public static class CacheKinds
{
    public static readonly CacheKind EventsList = new("events.list", TimeSpan.FromMinutes(5));
    public static readonly CacheKind EventDetail = new("events.detail", TimeSpan.FromMinutes(10));
    public static readonly CacheKind Professionals = new("professionals", TimeSpan.FromMinutes(15));
    public static readonly CacheKind UserProfile = new("user.profile", TimeSpan.FromMinutes(30));

    /// <summary>30 to 60 s.</summary>
    public static readonly CacheKind Notifications = new("notifications", TimeSpan.FromSeconds(60), Jitter: 0.5);

    public static readonly CacheKind Reports = new("reports", TimeSpan.FromMinutes(5));
    public static readonly CacheKind ConversationStatus = new("conversations.status", TimeSpan.FromSeconds(60));
    public static readonly CacheKind ConnectionHealth = new("connections.health", TimeSpan.FromSeconds(120));
    public static readonly CacheKind Agents = new("session.agents", TimeSpan.FromMinutes(5));
    public static readonly CacheKind Teams = new("session.teams", TimeSpan.FromMinutes(5));
    public static readonly CacheKind Roles = new("session.roles", TimeSpan.FromMinutes(10));
    public static readonly CacheKind Subscription = new("user.subscription", TimeSpan.FromMinutes(5));
    public static readonly CacheKind BillingSettings = new("billing.settings", TimeSpan.FromMinutes(5));
    public static readonly CacheKind BillingAnalytics = new("billing.analytics", TimeSpan.FromMinutes(2));
    public static readonly CacheKind TenantSettings = new("tenant.settings", TimeSpan.FromMinutes(5));
    public static readonly CacheKind TenantPlan = new("tenant.plan", TimeSpan.FromMinutes(5));
    public static readonly CacheKind Permissions = new("permissions", TimeSpan.FromSeconds(60));

    /// <summary>All kinds by name.</summary>
    public static readonly FrozenDictionary<string, CacheKind> All = new[]
    {
        EventsList, EventDetail, Professionals, UserProfile, Notifications, Reports, ConversationStatus, ConnectionHealth, Agents, Teams,
        Roles, Subscription, BillingSettings, BillingAnalytics, TenantSettings, TenantPlan, Permissions,
    }.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);
}
