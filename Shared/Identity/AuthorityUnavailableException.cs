namespace Platform.Identity;

/// <summary>The external authority's keys were never read and can't be now: its tokens can't be checked. A 503, not a 401.</summary>
public sealed class AuthorityUnavailableException() : Exception("The authority that issued this token can't be reached at the moment.");
