namespace Platform.Events;

/// <summary>A one-time entrance to Realtime, for clients that can't send a header.</summary>
/// <param name="Ticket">64 URL-safe characters; a secret.</param>
/// <param name="ExpiresAt">Redeem it before.</param>
public sealed record RealtimeTicket(string Ticket, DateTimeOffset ExpiresAt);
