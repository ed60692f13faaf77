namespace Platform.Web.Sessions;

/// <summary>The store of sessions can't be read now; says nothing about the session itself.</summary>
internal sealed class SessionsUnavailableException(Exception inner) : Exception("The session store can't be reached.", inner);
