using Platform.Tenancy;

namespace Platform.Data.Reports;

/// <summary>What <c>reports.kind</c> may be.</summary>
public static class ReportKinds
{
    public const string Contacts = "contacts";
    public const string Conversations = "conversations";
    public const string Campaigns = "campaigns";
    public const string Events = "events";
    public const string Billing = "billing";

    public static IReadOnlyList<string> All { get; } = [Contacts, Conversations, Campaigns, Events, Billing];

    /// <summary>What somebody must hold besides the permission for reports: a report shows no more than its subject's own pages.</summary>
    public static string PermissionFor(string kind) => kind switch
    {
        Contacts => Permissions.ContactsRead,
        Conversations => Permissions.ConversationsRead,
        Campaigns => Permissions.CampaignsRead,
        Events => Permissions.EventsRead,
        _ => Permissions.BillingRead,
    };
}
