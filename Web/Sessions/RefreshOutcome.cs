namespace Platform.Web.Sessions;

internal enum RefreshOutcome
{
    Refreshed,
    /// <summary>The refresh token is used up, expired or revoked: the session has ended.</summary>
    Refused,
    /// <summary>No telling now; try later.</summary>
    Unavailable,
}
