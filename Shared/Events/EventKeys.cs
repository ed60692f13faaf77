using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Events;

/// <summary>Where a tenant's events lie in Redis.</summary>
internal static class EventKeys
{
    /// <summary>The tenant's last number.</summary>
    public static string Number(TenantId tenant) => TenantKey.Create(tenant, "events", "number");

    /// <summary>A list of envelopes, oldest first.</summary>
    public static string Window(TenantId tenant) => TenantKey.Create(tenant, "events", "window");

    public static string ChannelName(TenantId tenant) => TenantKey.Create(tenant, "events");

    public static RedisChannel Channel(TenantId tenant) => new(ChannelName(tenant), RedisChannel.PatternMode.Literal);

    public static string Ended(TenantId tenant) => TenantKey.Create(tenant, "ended");

    public static string EndedUser(TenantId tenant, Guid userId) => TenantKey.Create(tenant, "ended", "user", userId.ToString("D"));

    public static string EndedSession(TenantId tenant, Guid sessionId) => TenantKey.Create(tenant, "ended", "session", sessionId.ToString("D"));

    public static string Ticket(TenantId tenant, string hash) => TenantKey.Create(tenant, "ticket", hash);
}
