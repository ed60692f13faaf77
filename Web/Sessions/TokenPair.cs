namespace Platform.Web.Sessions;

/// <summary>What the API issues at sign-in and refresh. Stays on the server.</summary>
internal sealed record TokenPair(string AccessToken, string RefreshToken, DateTimeOffset ExpiresAt);
