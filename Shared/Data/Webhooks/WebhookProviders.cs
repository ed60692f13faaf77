namespace Platform.Data.Webhooks;

/// <summary>What <c>webhook_sources.provider</c> may be.</summary>
public static class WebhookProviders
{
    public const string Meta = "meta";
    public const string Generic = "generic";

    public static IReadOnlyList<string> All { get; } = [Meta, Generic];
}
