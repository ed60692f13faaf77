namespace Platform.Data.Teams;

/// <summary>A member who handles conversations; a row of <c>agents</c>.</summary>
public sealed class Agent : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>The agent's id is the user's.</summary>
    public Guid UserId { get; init; }

    /// <summary>One of <see cref="AgentStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Open conversations at a time, 0 to 100.</summary>
    public int Capacity { get; init; }

    /// <summary>At most 20.</summary>
    public string[] Skills { get; init; } = [];

    public DateTimeOffset? LastSeenAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
