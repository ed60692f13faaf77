namespace Platform.Web.Backend;

/// <summary>What kind of failure a page has to tell its user.</summary>
public enum ApiFailure
{
    /// <summary>The session ended; signing in again helps.</summary>
    SignedOut,
    /// <summary>The user's role doesn't include it.</summary>
    Forbidden,
    /// <summary>The tenant's plan doesn't include it.</summary>
    PlanRequired,
    NotFound,
    /// <summary>Another resource is in the way, such as a contact of the same address.</summary>
    Conflict,
    /// <summary>Somebody else changed it since it was read.</summary>
    Changed,
    /// <summary>The input was understood and refused; <see cref="ApiProblem.Errors"/> names the fields.</summary>
    Invalid,
    TooLarge,
    RateLimited,
    /// <summary>The service, or something it needs, is away; trying later helps.</summary>
    Unavailable,
    Unexpected,
}
