using System.ComponentModel;
using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Validation;
using Platform.Tenancy;

namespace Platform.Api.Features.Roles;

internal sealed record RoleInput(string? Name, [property: Description("`subject:verb`, as roles list them.")] string[]? Permissions)
{
    private const int MaxNameLength = 60;

    /// <returns>The errors; the fields as they are to be stored when there are none.</returns>
    public IReadOnlyList<FieldError> Check(out string name, out string[] permissions)
    {
        var checks = new FieldChecks();
        name = checks.Text(Name, "name", "The name", MaxNameLength);
        permissions = [.. (Permissions ?? []).Distinct().Order(StringComparer.Ordinal)];
        if (Permissions is null)
            checks.Add("permissions", "The permissions are missing.");
        else if (permissions.Except(Tenancy.Permissions.OfTenants).Any())
            checks.Add("permissions", "One of the permissions isn't one a role can hold.");
        return checks.Errors;
    }
}

internal sealed record RoleResponse(Guid Id, string Name, string[] Permissions, DateTimeOffset CreatedAt, long Version) : IVersioned;

/// <summary>A member who has a role.</summary>
internal sealed record RoleMember(Guid UserId, string Name, string Email, DateTimeOffset CreatedAt);
