using Platform.Data.Reports;

namespace Platform.Worker.Reports;

/// <summary>Where the rows of a kind of report come from.</summary>
/// <param name="Columns">The file's header.</param>
/// <param name="Select">Parameters: tenant, from, to, status; the last three NULL for any.</param>
/// <param name="From">The same rows, for counting them.</param>
internal sealed record ReportSource(string Columns, string Select, string From, string Order)
{
    private static readonly ReportSource
        // Index: contacts_created_idx.
        Contacts = Create("c", "created_at", null, "contacts c", "id,name,email,phone,created_at,updated_at",
            "c.id, c.name, c.email, c.phone, c.created_at, c.updated_at"),
        // Index: conversations_pkey or conversations_status_idx; then they are sorted.
        Conversations = Create("c", "created_at", "status", "conversations c",
            "id,contact,channel,status,subject,created_at,updated_at",
            "c.id, c.contact_name, c.channel, c.status, c.subject, c.created_at, c.updated_at"),
        // Indexes: campaigns_created_idx, campaigns_status_idx.
        Campaigns = Create("c", "created_at", "status", "campaigns c",
            "id,name,channel,status,recipients,sent,delivered,read,failed,scheduled_at,started_at,finished_at,created_at",
            "c.id, c.name, c.channel, c.status, c.recipients, c.sent, c.delivered, c.read, c.failed, c.scheduled_at, c.started_at, " +
            "c.finished_at, c.created_at"),
        // Indexes: events_starts_idx, events_status_idx, professionals_pkey, contacts_pkey.
        Events = Create("c", "starts_at", "status",
            "events c JOIN professionals d ON d.tenant_id = c.tenant_id AND d.id = c.professional_id " +
            "LEFT JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id",
            "id,title,professional,contact,starts_at,ends_at,status,location",
            "c.id, c.title, d.name, p.name, c.starts_at, c.ends_at, c.status, c.location"),
        // Index: invoices_issued_idx. A hundredth of the unit in all currencies, as the platform counts money.
        Billing = Create("c", "issued_at", "status", "invoices c",
            "number,description,amount,currency,status,issued_at,due_at,paid_at",
            "c.number, c.description, c.amount_cents / 100.0, c.currency, c.status, c.issued_at, c.due_at, c.paid_at");

    public string CountSql => $"SELECT count(*) FROM {From}";

    public string SelectSql => $"SELECT {Select} FROM {From} ORDER BY {Order}";

    /// <returns>Null for a kind nobody can build.</returns>
    public static ReportSource? For(string kind) => kind switch
    {
        ReportKinds.Contacts => Contacts,
        ReportKinds.Conversations => Conversations,
        ReportKinds.Campaigns => Campaigns,
        ReportKinds.Events => Events,
        ReportKinds.Billing => Billing,
        _ => null,
    };

    private static ReportSource Create(string alias, string time, string? status, string tables, string columns, string select)
    {
        var state = status is null ? "$4::text IS NULL" : $"($4::text IS NULL OR {alias}.{status} = $4)";
        return new ReportSource(
            columns, select,
            $"{tables} WHERE {alias}.tenant_id = $1 AND ($2::timestamptz IS NULL OR {alias}.{time} >= $2) " +
            $"AND ($3::timestamptz IS NULL OR {alias}.{time} < $3) AND {state}",
            $"{alias}.{time}, {alias}.id");
    }
}
