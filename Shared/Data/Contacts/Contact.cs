namespace Platform.Data.Contacts;

/// <summary>A person a tenant talks to; a row of <c>contacts</c>.</summary>
public sealed class Contact : ITenantOwned, IListedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Unique in the tenant whatever its case; null when only the phone is known.</summary>
    public string? Email { get; init; }

    /// <summary>Digits, with a leading <c>+</c> when the country is known; unique in the tenant.</summary>
    public string? Phone { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }

    /// <summary>Name, e-mail and phone in lower case, made by the database, for searching.</summary>
    public string Search { get; init; } = "";
}
