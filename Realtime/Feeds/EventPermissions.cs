using Platform.Tenancy;

namespace Platform.Realtime.Feeds;

/// <summary>Which permission an event's content asks for: the same as reading it from the Api.</summary>
internal static class EventPermissions
{
    public static string? For(string type)
    {
        var dot = type.IndexOf('.', StringComparison.Ordinal);
        return (dot < 0 ? type : type[..dot]) switch
        {
            "contact" or "contacts" => Permissions.ContactsRead,
            "event" => Permissions.EventsRead,
            "professional" => Permissions.ProfessionalsRead,
            "campaign" => Permissions.CampaignsRead,
            "report" => Permissions.ReportsRead,
            "agent" or "team" or "role" => Permissions.TeamRead,
            "billing" => Permissions.BillingRead,
            "conversation" or "message" => Permissions.ConversationsRead,
            "import" => Permissions.ImportsWrite,
            "job" => Permissions.JobsRead,
            "webhook" => Permissions.WebhooksManage,
            _ => null,
        };
    }
}
