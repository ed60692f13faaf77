using System.Globalization;
using Microsoft.Extensions.Options;
using Platform.Data;
using Platform.Data.Email;
using Platform.Data.Reports;
using Platform.Jobs;
using Platform.Worker.Email;

namespace Platform.Worker.Handlers;

/// <summary>
/// Has an e-mail sent that a scheduled report is there, or couldn't be written: to who made the schedule, if still a member. It has neither
/// rows nor a link, for mail is read by others as well. Without a mail server nothing is sent.
/// </summary>
internal sealed class TellReportHandler(PlatformDb db, IJobQueue jobs, IOptions<EmailOptions> email) : IJobHandler<TellReport>
{
    public async Task<object?> RunAsync(TellReport payload, JobContext context, CancellationToken cancellationToken)
    {
        if (!email.Value.IsConfigured)
            return null;
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await ReadAsync(transaction, payload, cancellationToken) is not { } message)
            return null;
        // Held by what was sent, too: an attempt after one that died sends no second one.
        var sent = await jobs.EnqueueAsync(
            transaction.Transaction, transaction.Tenant, message,
            new JobOptions { UniqueKey = $"report {payload.ReportId}", UniqueStates = [JobStates.Succeeded, JobStates.Failed, JobStates.Dead, JobStates.Cancelled] },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new { emailJobId = sent };
    }

    /// <summary>Indexes: reports_pkey, memberships_pkey, users_pkey.</summary>
    /// <returns>Null when there is nothing to tell, or nobody to.</returns>
    private static async Task<SendEmail?> ReadAsync(TenantTransaction transaction, TellReport payload, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateTenantCommand(
            """
            SELECT u.email, u.name, r.title, r.status, r.rows FROM reports r
            JOIN memberships m ON m.tenant_id = r.tenant_id AND m.user_id = $3
            JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
            WHERE r.tenant_id = $1 AND r.id = $2 AND r.status IN ('completed', 'failed')
            """,
            payload.ReportId, payload.UserId);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return null;
        var (title, isThere, rows) = (row.GetString(2), row.GetString(3) == ReportStatus.Completed, row.GetInt64(4));
        return new SendEmail(
            row.GetString(0), row.GetString(1), isThere ? "Your report is ready" : "Your report could not be written",
            isThere
                ? string.Create(CultureInfo.InvariantCulture, $"The report \"{title}\" is ready: {rows:N0} rows. Sign in and open Reports to download it.\n")
                : $"The report \"{title}\" could not be written. Sign in and open Reports to see why.\n");
    }
}
