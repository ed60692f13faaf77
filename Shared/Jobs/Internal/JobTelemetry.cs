using System.Diagnostics;
using System.Diagnostics.Metrics;
using Platform.Tenancy;

namespace Platform.Jobs.Internal;

/// <summary>The library's activity source and its tags, after the semantic conventions of messaging.</summary>
internal static class JobTelemetry
{
    public const string Name = "Platform.Jobs";

    public static readonly ActivitySource Source = new(Name);

    public static Activity Tag(Activity activity, string operation, string queue, string type, TenantId tenant, Guid? id)
    {
        activity.SetTag("messaging.system", "postgresql");
        activity.SetTag("messaging.operation.name", operation);
        activity.SetTag("messaging.operation.type", operation == "send" ? "send" : "process");
        activity.SetTag("messaging.destination.name", queue);
        activity.SetTag("job.type", type);
        activity.SetTag("tenant.id", tenant.ToString());
        if (id is { } jobId)
            activity.SetTag("messaging.message.id", jobId.ToString());
        return activity;
    }
}
