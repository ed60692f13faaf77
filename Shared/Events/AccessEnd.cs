namespace Platform.Events;

/// <summary>Why a token that is good by itself gives no access any more.</summary>
public enum AccessEnd
{
    /// <summary>It does.</summary>
    None,

    /// <summary>Its session was ended, or its user removed from the tenant.</summary>
    Ended,

    /// <summary>The tenant is suspended.</summary>
    Suspended,
}
