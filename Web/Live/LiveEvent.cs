using System.Text.Json;

namespace Platform.Web.Live;

/// <summary>An event of the tenant.</summary>
/// <param name="Type"><c>contact.updated</c>, <c>import.progress</c>…; <see cref="Resync"/> when events may have been missed.</param>
/// <param name="Data">The event's JSON object; undefined for a resync that this side noticed.</param>
/// <param name="ReceivedAt">When it arrived here.</param>
internal sealed record LiveEvent(string Type, JsonElement Data, DateTimeOffset ReceivedAt)
{
    /// <summary>Some events may have been missed: whoever shows state reads it again.</summary>
    public const string Resync = "resync";

    public string? Text(string name) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    public Guid? Id(string name) => Guid.TryParse(Text(name), out var id) ? id : null;

    public long? Number(string name) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;
}
