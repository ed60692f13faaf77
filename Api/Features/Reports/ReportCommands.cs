using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Data.Billing;
using Platform.Data.Reports;
using Platform.Jobs;

namespace Platform.Api.Features.Reports;

/// <summary>Changes reports of the current tenant, in the caller's transaction.</summary>
internal static class ReportCommands
{
    /// <summary>The report and its job together: neither is there without the other.</summary>
    public static async Task<Report> CreateAsync(
        PlatformDb db, TenantTransaction transaction, IJobQueue jobs, ReportFields fields, Guid? userId,
        CancellationToken cancellationToken)
    {
        var (tenant, id, parameters) = (db.Tenant.Value, Guid.CreateVersion7(), fields.Parameters.ToJson());
        var job = await jobs.EnqueueAsync(
            transaction.Transaction, transaction.Tenant, new BuildReport(id), options: null, cancellationToken);
        await Usage.CountAsync(transaction, UsageMetrics.Reports, cancellationToken);
        var created = await db.Reports.FromSql(
            $"""
            INSERT INTO reports (tenant_id, id, kind, title, parameters, job_id, created_by)
            VALUES ({tenant}, {id}, {fields.Kind}, {fields.Title}, {parameters}::jsonb, {job}, {userId})
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return created.Single();
    }

    /// <summary>The report with its file; a job that is still at it is stopped. Index: reports_pkey.</summary>
    public static async Task DeleteAsync(
        PlatformDb db, TenantTransaction transaction, IJobQueue jobs, Report report, CancellationToken cancellationToken)
    {
        if (report is { Status: ReportStatus.Queued or ReportStatus.Running, JobId: { } job })
            await jobs.CancelAsync(transaction.Transaction, transaction.Tenant, job, cancellationToken);
        await db.Reports.Where(row => row.Id == report.Id).ExecuteDeleteAsync(cancellationToken);
    }
}
