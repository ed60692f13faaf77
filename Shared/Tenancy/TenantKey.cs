namespace Platform.Tenancy;

/// <summary>
/// Builds Redis keys. Every key of tenant data starts <c>t:{tenant}:</c>; the braces are a cluster hash tag, so that
/// one tenant's keys stay on one node and can be used together in a script.
/// </summary>
public static class TenantKey
{
    /// <summary><c>t:{tenant}:area:part:…</c></summary>
    public static string Create(TenantId tenant, string area, params ReadOnlySpan<string> parts) =>
        parts.Length == 0
            ? $"t:{{{tenant}}}:{area}"
            : $"t:{{{tenant}}}:{area}:{string.Join(':', parts)}";
}
