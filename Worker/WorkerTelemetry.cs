using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Platform.Worker;

/// <summary>The Worker's own spans and figures.</summary>
internal static class WorkerTelemetry
{
    public const string Name = "Platform.Worker";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Label <c>outcome</c>: imported or rejected.</summary>
    public static readonly Counter<long> ImportRows = Meter.CreateCounter<long>("import_rows_total", "{row}", "Rows of imported contact files.");

    private static readonly Counter<long> Deliveries =
        Meter.CreateCounter<long>("webhook_deliveries_total", "{call}", "Calls to tenants' webhook endpoints.");

    /// <param name="outcome">delivered, retrying, failed or dropped.</param>
    public static void Delivered(string outcome) => Deliveries.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private static readonly Counter<long> Emails = Meter.CreateCounter<long>("emails_total", "{message}", "E-mails handed to the mail server.");

    /// <param name="outcome">sent, refused (for good) or failed (tried again).</param>
    public static void Emailed(string outcome) => Emails.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private static readonly Counter<long> CampaignMessages =
        Meter.CreateCounter<long>("campaign_messages_total", "{message}", "Messages of campaigns handed to a channel.");

    /// <param name="outcome">sent, deferred or refused.</param>
    public static void CampaignMessage(string outcome) => CampaignMessages.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
