using System.Text.Json;

namespace Platform.Events;

/// <summary>Something that happened in a tenant.</summary>
/// <param name="Type">What happened: <c>contact.created</c>, <c>job.progress</c>…</param>
/// <param name="Data">The event's own JSON object, camelCase. Small: ids and what a list row shows.</param>
/// <param name="Channel">Who may want it: null for the whole tenant, else <c>user:{id}</c>, <c>job:{id}</c>, <c>conversation:{id}</c>.</param>
public sealed record TenantEvent(string Type, JsonElement Data, string? Channel = null);
