namespace Platform.Jobs;

/// <summary>The queues' names.</summary>
public static class JobQueues
{
    public const string Campaigns = "campaigns";
    public const string Imports = "imports";
    public const string Reports = "reports";
    public const string Webhooks = "webhooks";
    public const string Emails = "emails";
    public const string Maintenance = "maintenance";

    public static IReadOnlyList<string> All { get; } = [Campaigns, Imports, Reports, Webhooks, Emails, Maintenance];
}
