using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Worker.Backup;
using Platform.Worker.CacheWarming;
using Platform.Worker.Campaigns;
using Platform.Worker.CleanUp;

namespace Platform.Worker;

/// <summary>How the payloads of Worker's own jobs are written, generated when compiled.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AdoptCampaigns))]
[JsonSerializable(typeof(CleanUpData))]
[JsonSerializable(typeof(WarmCache))]
[JsonSerializable(typeof(BackUpDatabases))]
internal sealed partial class WorkerJobPayloads : JsonSerializerContext;
