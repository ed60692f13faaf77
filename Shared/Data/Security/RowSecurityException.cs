namespace Platform.Data.Security;

/// <summary>The database would not keep tenants apart; the message lists why. A service must not serve then.</summary>
public sealed class RowSecurityException(IReadOnlyList<string> violations)
    : Exception("Row-level security isn't in force, so nothing is served:\n- " + string.Join("\n- ", violations))
{
    public IReadOnlyList<string> Violations { get; } = violations;
}
