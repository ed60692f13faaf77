namespace Platform.Api.Features.Auth;

/// <summary>A machine called what only makes sense for a person: its profile, its notifications.</summary>
internal sealed class PersonRequiredException() : Exception("This call is for people who sign in; an API key can't make it.");
