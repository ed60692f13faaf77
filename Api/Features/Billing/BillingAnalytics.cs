using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Data.Billing;
using Platform.Data.Teams;
using Platform.Data.Tenants;

namespace Platform.Api.Features.Billing;

/// <summary>What the current tenant was billed and what it has used, from its own data.</summary>
internal static class BillingAnalytics
{
    /// <param name="months">How many, this one included.</param>
    public static async Task<BillingAnalyticsResponse?> ReadAsync(
        PlatformDb db, int months, string? currency, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var thisMonth = new DateOnly(now.UtcDateTime.Year, now.UtcDateTime.Month, 1);
        var first = thisMonth.AddMonths(1 - months);
        var plan = await PlanAsync(db, cancellationToken);
        var issued = await IssuedAsync(db, Start(first), currency, cancellationToken);
        var open = await OpenAsync(db, currency, now, cancellationToken);
        return new BillingAnalyticsResponse(
            plan.Name, first,
            [
                .. issued.Select(row => row.Currency).Concat(open.Select(row => row.Currency)).Distinct().Order(StringComparer.Ordinal)
                    .Select(code => Summary(
                        code, first, months, issued.FindAll(row => row.Currency == code), open.Find(row => row.Currency == code))),
            ],
            await UsageAsync(db, plan, thisMonth, cancellationToken), now);
    }

    private static BillingCurrency Summary(string code, DateOnly first, int months, List<IssuedRow> issued, OpenRow? open)
    {
        var byMonth = issued.ToDictionary(row => new DateOnly(row.Year, row.Month, 1));
        var (invoices, total) = (issued.Sum(row => row.Invoices), issued.Sum(row => row.Cents));
        return new BillingCurrency(
            code, invoices, total, issued.Sum(row => row.PaidCents),
            invoices == 0 ? 0 : (long)Math.Round((decimal)total / invoices, MidpointRounding.AwayFromZero),
            open?.Cents ?? 0, open?.OverdueCents ?? 0,
            [
                .. Enumerable.Range(0, months).Select(first.AddMonths).Select(month => byMonth.GetValueOrDefault(month) is { } row
                    ? new BillingMonth(month, row.Invoices, row.Cents, row.PaidCents)
                    : new BillingMonth(month, 0, 0, 0)),
            ]);
    }

    /// <summary>Index: invoices_issued_idx, the months asked for.</summary>
    private static Task<List<IssuedRow>> IssuedAsync(
        PlatformDb db, DateTimeOffset from, string? currency, CancellationToken cancellationToken) => db.Set<Invoice>()
        .Where(row => row.IssuedAt >= from && row.Status != InvoiceStatus.Draft && row.Status != InvoiceStatus.Void)
        .Where(row => currency == null || row.Currency == currency)
        .GroupBy(row => new { row.Currency, row.IssuedAt.UtcDateTime.Year, row.IssuedAt.UtcDateTime.Month })
        .Select(group => new IssuedRow(
            group.Key.Currency, group.Key.Year, group.Key.Month, group.LongCount(), group.Sum(row => row.AmountCents),
            group.Sum(row => row.Status == InvoiceStatus.Paid ? row.AmountCents : 0)))
        .ToListAsync(cancellationToken);

    /// <summary>Index: invoices_open_idx.</summary>
    private static Task<List<OpenRow>> OpenAsync(
        PlatformDb db, string? currency, DateTimeOffset now, CancellationToken cancellationToken) => db.Set<Invoice>()
        .Where(row => row.Status == InvoiceStatus.Open)
        .Where(row => currency == null || row.Currency == currency)
        .GroupBy(row => row.Currency)
        .Select(group => new OpenRow(
            group.Key, group.Sum(row => row.AmountCents), group.Sum(row => row.DueAt < now ? row.AmountCents : 0)))
        .ToListAsync(cancellationToken);

    /// <summary>Indexes: tenants_pkey, plans_pkey.</summary>
    private static Task<PlanTerms> PlanAsync(PlatformDb db, CancellationToken cancellationToken) => db.Set<Tenant>()
        .Join(db.Set<PlanTerms>(), tenant => tenant.Plan, plan => plan.Name, (tenant, plan) => plan)
        .SingleAsync(cancellationToken);

    /// <summary>Indexes: usage_counters_pkey, tenant_row_counts_pkey, memberships_pkey, subscriptions_pkey.</summary>
    private static async Task<IReadOnlyList<BillingUsage>> UsageAsync(
        PlatformDb db, PlanTerms plan, DateOnly month, CancellationToken cancellationToken)
    {
        var metrics = new[] { UsageMetrics.Messages, UsageMetrics.Campaigns, UsageMetrics.Imports, UsageMetrics.Reports };
        var used = await db.Set<UsageCounter>().Where(row => metrics.Contains(row.Metric) && row.Period == month)
            .ToDictionaryAsync(row => row.Metric, row => row.Value, cancellationToken);
        var subscribed = await db.Set<Subscription>().Select(row => (int?)row.Seats).SingleOrDefaultAsync(cancellationToken);
        return
        [
            new(Seats.Limit, await db.Set<Membership>().LongCountAsync(cancellationToken), Seats.Allowed(subscribed, plan.Seats)),
            new(PlanLimits.Contacts, await RowCounts.CountAsync(db, "contacts", cancellationToken), plan.Contacts),
            .. metrics.Select(metric => new BillingUsage(
                metric, used.GetValueOrDefault(metric), metric == UsageMetrics.Messages ? plan.MonthlyMessages : null)),
        ];
    }

    private static DateTimeOffset Start(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    private sealed record IssuedRow(string Currency, int Year, int Month, long Invoices, long Cents, long PaidCents);

    private sealed record OpenRow(string Currency, long Cents, long OverdueCents);
}
