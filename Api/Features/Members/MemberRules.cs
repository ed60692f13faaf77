using Platform.Data.Contacts;

namespace Platform.Api.Features.Members;

/// <summary>What a client may say of a member.</summary>
internal static class MemberRules
{
    private const int MaxRoles = 50, MaxRoleLength = 60;

    public static IReadOnlyList<FieldError> Check(MemberInput input, out string email, out string name, out string[] roles)
    {
        var errors = new List<FieldError>();
        email = input.Email?.Trim() ?? "";
        name = string.IsNullOrWhiteSpace(input.Name) ? email.Split('@')[0] : input.Name.Trim();
        // A person's name and address follow the same rules as a contact's.
        errors.AddRange(ContactRules.Check(name.Length == 0 ? "x" : name, email.Length == 0 ? null : email, null, out var fields));
        (name, email) = fields is null ? (name, email) : (fields.Name, fields.Email!);
        if (CheckRoles(input.Roles ?? [], out roles) is { } error)
            errors.Add(error);
        return errors;
    }

    /// <param name="roles">Without duplicates.</param>
    public static FieldError? CheckRoles(IReadOnlyList<string>? input, out string[] roles)
    {
        roles = [];
        if (input is null)
            return null;
        if (input.Count > MaxRoles || input.Any(role => role is not { Length: > 0 and <= MaxRoleLength } || role.Contains('\0', StringComparison.Ordinal)))
            return new("roles", $"Give at most {MaxRoles} names of roles.");
        roles = [.. input.Distinct(StringComparer.Ordinal)];
        return null;
    }
}
