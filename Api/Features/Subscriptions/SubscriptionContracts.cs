using Platform.Api.Features.RateLimits;

namespace Platform.Api.Features.Subscriptions;

/// <param name="Plan">The plan's name.</param>
/// <param name="Status"><c>trialing, active, past_due</c> or <c>cancelled</c>.</param>
/// <param name="Features">What the plan includes.</param>
/// <param name="Requests">What of the request limit is used at this moment; null where it isn't said.</param>
internal sealed record SubscriptionResponse(
    string Plan, string Title, string Status, int Seats, string[] Features, long PriceCents, string Currency,
    DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, bool CancelAtPeriodEnd, DateTimeOffset? TrialEnd,
    SubscriptionLimits Limits, SubscriptionUsage Used, UsedLimit? Requests = null);

/// <summary>What is allowed; null is no limit.</summary>
/// <param name="Seats">Members: as many as were subscribed to, and no more than the plan has.</param>
/// <param name="ApiKeys">0 where the plan doesn't include them.</param>
internal sealed record SubscriptionLimits(int RequestsPerMinute, int? Seats, int? Contacts, int? MonthlyMessages, int ApiKeys);

/// <summary>What is used of it; after a change to a smaller plan it may be more than is allowed.</summary>
/// <param name="Seats">Members.</param>
/// <param name="Messages">Sent in this calendar month, UTC; so are the following.</param>
internal sealed record SubscriptionUsage(long Seats, long Contacts, long Messages, long Imports, long Reports, long Campaigns, long ApiKeys);
