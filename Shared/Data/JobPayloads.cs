using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Data.Campaigns;
using Platform.Data.Email;
using Platform.Data.Images;
using Platform.Data.Imports;
using Platform.Data.Reports;
using Platform.Data.Webhooks;

namespace Platform.Data;

/// <summary>How the payloads are written that services enqueue, generated when compiled.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SendCampaign))]
[JsonSerializable(typeof(BuildReport))]
[JsonSerializable(typeof(RequestReport))]
[JsonSerializable(typeof(TellReport))]
[JsonSerializable(typeof(ImportContacts))]
[JsonSerializable(typeof(ProcessWebhook))]
[JsonSerializable(typeof(DeliverWebhook))]
[JsonSerializable(typeof(OptimizeImage))]
[JsonSerializable(typeof(SendEmail))]
public sealed partial class JobPayloads : JsonSerializerContext;
