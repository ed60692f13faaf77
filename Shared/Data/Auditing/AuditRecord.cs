namespace Platform.Data.Auditing;

/// <summary>Something somebody did, for people to read later; never changed; a row of <c>audit_log</c>.</summary>
public sealed class AuditRecord : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The user; null for the platform itself.</summary>
    public Guid? ActorId { get; init; }

    public required string Action { get; init; }

    public string? Subject { get; init; }

    /// <summary>JSON.</summary>
    public string? Detail { get; init; }
}
