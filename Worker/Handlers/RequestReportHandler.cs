using Microsoft.EntityFrameworkCore;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Billing;
using Platform.Data.Reports;
using Platform.Data.Tenants;
using Platform.Jobs;
using Platform.Worker.Events;

namespace Platform.Worker.Handlers;

/// <summary>Asks for a report by schedule. The report has the job's id, so that an attempt after one that died asks for no second one.</summary>
internal sealed class RequestReportHandler(PlatformDb db, IJobQueue jobs, TenantNotices notices, TenantCache cache, TimeProvider time)
    : IJobHandler<RequestReport>
{
    private const string Feature = "reports";

    public async Task<object?> RunAsync(RequestReport payload, JobContext context, CancellationToken cancellationToken)
    {
        if (ReportRules.Check(payload.Kind, payload.Title, payload.Parameters(time.GetUtcNow()), out var fields) is [var error, ..])
            throw new PermanentJobException(error.Message);
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (!await IsInPlanAsync(cancellationToken))
            throw new PermanentJobException("The plan doesn't include reports.");
        if (!await db.Reports.AnyAsync(report => report.Id == context.JobId, cancellationToken))
        {
            var report = await NewReport.CreateAsync(db, transaction, jobs, context.JobId, fields!, userId: null, payload.Tell, cancellationToken);
            transaction.AfterCommit(async () => await cache.InvalidateAsync(CacheTag.For(transaction.Tenant, ReportFile.CacheSubject)));
            notices.Tell(transaction, "report.created", new { report.Id, report.Kind, report.Title, report.Status });
            await transaction.CommitAsync(cancellationToken);
        }

        return new { reportId = context.JobId };
    }

    /// <summary>It may have been changed since the schedule was made. Indexes: tenants_pkey, plans_pkey.</summary>
    private async Task<bool> IsInPlanAsync(CancellationToken cancellationToken) => (await db.Set<Tenant>()
        .Join(db.Set<PlanTerms>(), tenant => tenant.Plan, plan => plan.Name, (tenant, plan) => plan.Features)
        .SingleAsync(cancellationToken)).Contains(Feature);
}
