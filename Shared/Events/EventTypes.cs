namespace Platform.Events;

/// <summary>Types of events the bus itself knows.</summary>
public static class EventTypes
{
    /// <summary>Events may have been missed: whoever shows state should read it again.</summary>
    public const string Resync = "resync";

    /// <summary>A session of a user ended, or all of them (<c>userId</c>, <c>sessionId</c> or null): connections are closed.</summary>
    public const string SessionEnded = "session.ended";

    /// <summary>The tenant was suspended: all of its connections are closed.</summary>
    public const string TenantSuspended = "tenant.suspended";
}
