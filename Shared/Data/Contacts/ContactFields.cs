namespace Platform.Data.Contacts;

/// <summary>A contact's fields after <see cref="ContactRules"/> accepted and tidied them.</summary>
public sealed record ContactFields(string Name, string? Email, string? Phone);
