namespace Platform.Api.Features.Auth;

/// <summary>The caller proved who it is, and may not in all the same: a 403, not a 401. The message is for the caller.</summary>
internal sealed class AccessRefusedException(string message) : Exception(message);
