namespace Platform.Jobs;

/// <summary>The queues' names.</summary>
public static class JobQueues
{
    public const string Campaigns = "campaigns";
    public const string Imports = "imports";
    public const string Reports = "reports";

    /// <summary>Calls that come in.</summary>
    public const string Webhooks = "webhooks";

    /// <summary>Calls that go out: a slow receiver takes nothing of what a tenant's incoming calls have.</summary>
    public const string Deliveries = "deliveries";

    public const string Emails = "emails";
    public const string Maintenance = "maintenance";

    /// <summary>Pictures people upload: short jobs somebody waits for, and a load on the processor that must not grow with their number.</summary>
    public const string Images = "images";

    public static IReadOnlyList<string> All { get; } = [Campaigns, Imports, Reports, Webhooks, Deliveries, Emails, Maintenance, Images];
}
