using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>A job that does nothing.</summary>
[Job("bench.noop", Queue = "bench", Json = typeof(NoOpJson))]
internal sealed record NoOp(long Number);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NoOp))]
internal sealed partial class NoOpJson : JsonSerializerContext;
