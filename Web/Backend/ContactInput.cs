namespace Platform.Web.Backend;

/// <summary>What a user enters for a contact; at least one of address and phone.</summary>
internal sealed record ContactInput(string? Name, string? Email, string? Phone);
