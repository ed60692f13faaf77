using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>Tenant and user on every exported log record; tokens taken out of it.</summary>
internal sealed class TenantLogProcessor : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        var tenant = TelemetryTenant.TenantId;
        var user = TelemetryTenant.UserId;
        var attributes = new List<KeyValuePair<string, object?>>((data.Attributes?.Count ?? 0) + 2);
        foreach (var attribute in data.Attributes ?? [])
            attributes.Add(attribute.Value is string text ? new(attribute.Key, Redaction.Scrub(text)) : attribute);
        if (tenant is not null)
            attributes.Add(new(TelemetryTags.Tenant, tenant));
        if (user is not null)
            attributes.Add(new(TelemetryTags.User, user));
        data.Attributes = attributes;
        data.FormattedMessage = Redaction.Scrub(data.FormattedMessage);
    }
}
