namespace Platform.Tenancy;

/// <summary>What a tenant has subscribed to.</summary>
public enum Plan
{
    Free,
    Pro,
    Enterprise,
}
