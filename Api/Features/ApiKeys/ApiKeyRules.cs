using System.Text.RegularExpressions;
using Platform.Data.Contacts;
using Platform.Tenancy;

namespace Platform.Api.Features.ApiKeys;

/// <summary>What a client may say of a key.</summary>
internal static partial class ApiKeyRules
{
    private const int MaxNameLength = 100, MaxScopes = 100;

    /// <returns>The errors; empty when name and scopes can be used as given out.</returns>
    public static IReadOnlyList<FieldError> Check(ApiKeyInput input, DateTimeOffset now, out string name, out string[] scopes)
    {
        var errors = new List<FieldError>();
        name = input.Name?.Trim() ?? "";
        scopes = [];
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
            errors.Add(new("name", $"The name needs 1 to {MaxNameLength} characters, without line breaks."));
        if (input.Scopes is not { Count: > 0 and <= MaxScopes })
            errors.Add(new("scopes", $"Name 1 to {MaxScopes} permissions."));
        else if (input.Scopes.Any(scope => scope is null || !Permission().IsMatch(scope) || scope == Permissions.PlatformOperate))
            errors.Add(new("scopes", "A scope is the name of a permission of tenants, as 'contacts:read'."));
        else
            scopes = [.. input.Scopes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (input.ExpiresAt <= now)
            errors.Add(new("expiresAt", "The key would have expired already."));
        return errors;
    }

    [GeneratedRegex(@"^[a-z]{1,40}:[a-z]{1,40}\z")]
    private static partial Regex Permission();
}
