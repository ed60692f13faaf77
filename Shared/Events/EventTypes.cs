namespace Platform.Events;

/// <summary>Types of events the bus itself knows.</summary>
public static class EventTypes
{
    /// <summary>Events may have been missed: whoever shows state should read it again.</summary>
    public const string Resync = "resync";
}
