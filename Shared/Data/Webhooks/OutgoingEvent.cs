using System.Text.Json;

namespace Platform.Data.Webhooks;

/// <summary>Something a tenant's endpoints may want to be told of.</summary>
/// <param name="Type">Two words, such as <c>contact.created</c>.</param>
/// <param name="Data">A small JSON object.</param>
public sealed record OutgoingEvent(string Type, JsonElement Data);
