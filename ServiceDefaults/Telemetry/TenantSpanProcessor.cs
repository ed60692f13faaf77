using System.Diagnostics;
using OpenTelemetry;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>Tenant and user on every span; no query string on any.</summary>
internal sealed class TenantSpanProcessor : BaseProcessor<Activity>
{
    public override void OnStart(Activity data) => TelemetryTags.Apply(data);

    public override void OnEnd(Activity data)
    {
        // Known only now when the token was checked inside the span.
        TelemetryTags.Apply(data);

        data.SetTag("url.query", null);
        foreach (var name in (ReadOnlySpan<string>)["url.full", "url.path"])
        {
            if (data.GetTagItem(name) is string url && Redaction.Scrub(url) is var scrubbed && !ReferenceEquals(url, scrubbed))
                data.SetTag(name, scrubbed);
        }
    }
}
