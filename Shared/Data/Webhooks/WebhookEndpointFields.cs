namespace Platform.Data.Webhooks;

/// <summary>An endpoint's fields after <see cref="WebhookEndpointRules"/> accepted and tidied them.</summary>
public sealed record WebhookEndpointFields(string Url, string Description, string[] EventTypes, bool Disabled);
