using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platform.Data.Campaigns;

/// <summary>Whom a campaign goes to; one of the three is set. The JSON of <c>campaigns.audience</c>.</summary>
/// <param name="All">Every contact the channel reaches.</param>
/// <param name="Search">Those whose name, e-mail or phone has this text.</param>
/// <param name="ContactIds">These.</param>
public sealed record CampaignAudience(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool All = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Search = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Guid>? ContactIds = null)
{
    public static CampaignAudience Parse(string json) => JsonSerializer.Deserialize<CampaignAudience>(json, JsonSerializerOptions.Web)!;

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
