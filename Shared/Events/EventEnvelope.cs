using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platform.Events;

/// <summary>An event as it travels through Redis.</summary>
/// <param name="Id">The tenant's number of the event; the next event has the next number.</param>
/// <param name="Type">What happened: <c>contact.created</c>…</param>
/// <param name="Channel">Null for the whole tenant, else <c>user:{id}</c>, <c>job:{id}</c>…</param>
/// <param name="Data">The event's own JSON object.</param>
/// <param name="TraceParent">W3C trace context of what caused it, when that was traced.</param>
/// <param name="Time">When it was published.</param>
public sealed record EventEnvelope(
    long Id,
    string Type,
    string? Channel,
    JsonElement Data,
    [property: JsonPropertyName("traceparent")] string? TraceParent,
    DateTimeOffset Time);
