namespace Platform.Data.Teams;

/// <summary>A person who is a member of the current tenant, without what signing in needs; a row of <c>users</c>.</summary>
public sealed class User
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public required string Email { get; init; }

    public required string Name { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}
