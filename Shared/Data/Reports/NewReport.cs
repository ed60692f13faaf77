using Microsoft.EntityFrameworkCore;
using Platform.Data.Billing;
using Platform.Jobs;

namespace Platform.Data.Reports;

/// <summary>Asks for a report of the current tenant, in the caller's transaction.</summary>
public static class NewReport
{
    /// <summary>The report and its job together: neither is there without the other.</summary>
    /// <param name="id">UUIDv7.</param>
    /// <param name="userId">Who asked; null for a schedule.</param>
    /// <param name="tell">Who gets an e-mail when it has ended; null for nobody.</param>
    public static async Task<Report> CreateAsync(
        PlatformDb db, TenantTransaction transaction, IJobQueue jobs, Guid id, ReportFields fields, Guid? userId, Guid? tell,
        CancellationToken cancellationToken)
    {
        var (tenant, parameters) = (db.Tenant.Value, fields.Parameters.ToJson());
        var job = tell is { } user
            ? (await jobs.EnqueueBatchAsync(
                transaction.Transaction, transaction.Tenant, [new BuildReport(id)], new TellReport(id, user), cancellationToken: cancellationToken)).Members[0]
            : await jobs.EnqueueAsync(transaction.Transaction, transaction.Tenant, new BuildReport(id), options: null, cancellationToken);
        await Usage.CountAsync(transaction, UsageMetrics.Reports, cancellationToken);
        var created = await db.Reports.FromSql(
            $"""
            INSERT INTO reports (tenant_id, id, kind, title, parameters, job_id, created_by)
            VALUES ({tenant}, {id}, {fields.Kind}, {fields.Title}, {parameters}::jsonb, {job}, {userId})
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return created.Single();
    }
}
