using Microsoft.EntityFrameworkCore;
using Platform.Api.Features.Billing;
using Platform.Data;
using Platform.Data.Billing;
using Platform.Data.Placement;
using Platform.Data.Teams;

namespace Platform.Api.Features.Subscriptions;

/// <summary>Reads the current tenant's subscription.</summary>
internal static class SubscriptionQueries
{
    /// <summary>Indexes: subscriptions_pkey, plans_pkey, usage_counters_pkey, memberships_pkey, tenant_row_counts_pkey, api_keys_live_idx.</summary>
    public static async Task<SubscriptionResponse?> FindAsync(
        PlatformDb db, DirectoryDb directory, int maxApiKeys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await db.Set<Subscription>()
            .Join(db.Set<PlanTerms>(), subscription => subscription.Plan, plan => plan.Name, (subscription, plan) => new { subscription, plan })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null)
            return null;
        var month = new DateOnly(now.UtcDateTime.Year, now.UtcDateTime.Month, 1);
        var used = await db.Set<UsageCounter>().Where(counter => counter.Period == month)
            .ToDictionaryAsync(counter => counter.Metric, counter => counter.Value, cancellationToken);
        var (subscription, plan, tenant) = (found.subscription, found.plan, db.Tenant.Value);
        return new SubscriptionResponse(
            plan.Name, plan.Title, subscription.Status, subscription.Seats, plan.Features, plan.PriceCents, plan.Currency,
            subscription.PeriodStart, subscription.PeriodEnd, subscription.CancelAtPeriodEnd, subscription.TrialEnd,
            new SubscriptionLimits(
                plan.RequestsPerMinute, Seats.Allowed(subscription.Seats, plan.Seats), plan.Contacts, plan.MonthlyMessages,
                plan.Features.Contains(PlanFeatures.ApiKeys) ? maxApiKeys : 0),
            new SubscriptionUsage(
                await db.Set<Membership>().LongCountAsync(cancellationToken),
                await RowCounts.CountAsync(db, "contacts", cancellationToken),
                used.GetValueOrDefault(UsageMetrics.Messages), used.GetValueOrDefault(UsageMetrics.Imports),
                used.GetValueOrDefault(UsageMetrics.Reports), used.GetValueOrDefault(UsageMetrics.Campaigns),
                (await directory.Deciding.Database.SqlQuery<long>(
                    $"""
                    SELECT count(*) AS "Value" FROM api_keys WHERE tenant_id = {tenant} AND revoked_at IS NULL
                    """).ToListAsync(cancellationToken)).Single()));
    }
}
