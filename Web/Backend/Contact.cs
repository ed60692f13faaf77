namespace Platform.Web.Backend;

/// <summary>A contact as the API returns it.</summary>
public sealed record Contact(Guid Id, string Name, string? Email, string? Phone, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
