namespace Platform.Api.Features.Auth;

/// <summary>
/// What a user may do at this moment, whatever the token says that was made minutes ago. Immutable; lies in the tenant's
/// cache as JSON.
/// </summary>
/// <param name="Refusal">Why the user may do nothing any more.</param>
/// <param name="Plan">The tenant's plan; null for an operator.</param>
/// <param name="Roles">Names.</param>
/// <param name="Permissions">All that the roles give.</param>
/// <param name="EndedSessions">Sessions that were ended while their access tokens may still be good.</param>
internal sealed record Standing(Refusal Refusal, string? Plan, string[] Roles, string[] Permissions, Guid[] EndedSessions)
{
    public static readonly Standing Unknown = new(Refusal.Gone, null, [], [], []);

    public Refusal RefusalOf(Guid? sessionId) =>
        Refusal == Refusal.None && sessionId is { } session && EndedSessions.Contains(session) ? Refusal.Gone : Refusal;
}

/// <summary>Numbers are kept in caches: add at the end.</summary>
internal enum Refusal
{
    None = 0,

    /// <summary>The user was removed or disabled, or the session was ended.</summary>
    Gone = 1,

    /// <summary>The tenant is suspended.</summary>
    Suspended = 2,
}
