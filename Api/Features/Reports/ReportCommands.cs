using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Data.Reports;
using Platform.Jobs;

namespace Platform.Api.Features.Reports;

/// <summary>Changes reports of the current tenant, in the caller's transaction.</summary>
internal static class ReportCommands
{
    /// <summary>The report with its file; a job that is still at it is stopped. Index: reports_pkey.</summary>
    public static async Task DeleteAsync(
        PlatformDb db, TenantTransaction transaction, IJobQueue jobs, Report report, CancellationToken cancellationToken)
    {
        if (report is { Status: ReportStatus.Queued or ReportStatus.Running, JobId: { } job })
            await jobs.CancelAsync(transaction.Transaction, transaction.Tenant, job, cancellationToken);
        await db.Reports.Where(row => row.Id == report.Id).ExecuteDeleteAsync(cancellationToken);
    }
}
