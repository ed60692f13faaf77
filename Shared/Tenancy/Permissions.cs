namespace Platform.Tenancy;

/// <summary>The permissions a role can hold, written <c>subject:verb</c>.</summary>
public static class Permissions
{
    public const string ContactsRead = "contacts:read";
    public const string ContactsWrite = "contacts:write";
    public const string ImportsWrite = "imports:write";
    public const string JobsRead = "jobs:read";
    public const string JobsManage = "jobs:manage";
    public const string ConversationsRead = "conversations:read";
    public const string ConversationsWrite = "conversations:write";
    public const string CampaignsRead = "campaigns:read";
    public const string CampaignsWrite = "campaigns:write";
    public const string EventsRead = "events:read";
    public const string EventsWrite = "events:write";
    public const string ProfessionalsRead = "professionals:read";
    public const string ProfessionalsWrite = "professionals:write";
    public const string ReportsRead = "reports:read";
    public const string ReportsWrite = "reports:write";
    public const string TeamRead = "team:read";

    /// <summary>Agents, teams, roles and members.</summary>
    public const string TeamManage = "team:manage";

    public const string BillingRead = "billing:read";
    public const string BillingManage = "billing:manage";

    /// <summary>How fast the platform is; operators may too.</summary>
    public const string MetricsRead = "metrics:read";

    /// <summary>The tenant's API keys.</summary>
    public const string KeysManage = "keys:manage";

    /// <summary>Webhook sources, endpoints and deliveries.</summary>
    public const string WebhooksManage = "webhooks:manage";

    public const string AuditRead = "audit:read";

    /// <summary>Cross-tenant reads; only operators hold it, every use is audited.</summary>
    public const string PlatformOperate = "platform:operate";

    /// <summary>What a role of a tenant may hold, and its administrators do: all but <see cref="PlatformOperate"/>.</summary>
    public static IReadOnlyList<string> OfTenants { get; } =
    [
        ContactsRead, ContactsWrite, ImportsWrite, JobsRead, JobsManage, ConversationsRead, ConversationsWrite,
        CampaignsRead, CampaignsWrite, EventsRead, EventsWrite, ProfessionalsRead, ProfessionalsWrite, ReportsRead, ReportsWrite,
        TeamRead, TeamManage, BillingRead, BillingManage, MetricsRead, KeysManage, WebhooksManage, AuditRead,
    ];

    /// <summary>What those hold who talk to contacts.</summary>
    public static IReadOnlyList<string> OfAgents { get; } =
    [
        ContactsRead, ContactsWrite, ImportsWrite, JobsRead, ConversationsRead, ConversationsWrite, CampaignsRead,
        EventsRead, EventsWrite, ProfessionalsRead, ReportsRead, ReportsWrite, TeamRead,
    ];
}
