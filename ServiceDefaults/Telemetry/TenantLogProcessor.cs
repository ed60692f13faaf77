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
        if (tenant is not null || user is not null)
        {
            List<KeyValuePair<string, object?>> attributes = [.. data.Attributes ?? []];
            if (tenant is not null)
                attributes.Add(new(TelemetryTags.Tenant, tenant));
            if (user is not null)
                attributes.Add(new(TelemetryTags.User, user));
            data.Attributes = attributes;
        }

        data.FormattedMessage = Redaction.Scrub(data.FormattedMessage);
        if (data.Attributes?.Any(attribute => attribute.Value is string text && Redaction.HasSecret(text)) == true)
        {
            data.Attributes = [.. data.Attributes.Select(attribute => attribute.Value is string text
                ? new KeyValuePair<string, object?>(attribute.Key, Redaction.Scrub(text))
                : attribute)];
        }
    }
}
