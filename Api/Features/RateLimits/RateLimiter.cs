using System.Collections.Concurrent;
using System.Security.Claims;
using Platform.Tenancy;

namespace Platform.Api.Features.RateLimits;

/// <summary>The buckets this process has seen of late.</summary>
internal sealed class RateLimiter(RateLimitStore store, RateQuotas quotas, TenantPlans plans, TimeProvider time) : BackgroundService
{
    /// <summary>Callers beyond it, many addresses at once, still share their counts in Redis; only their requests aren't put together.</summary>
    private const int MostBuckets = 100_000;

    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PlanPeriod = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<(RateLimitCaller Caller, string Policy), RateBucket> _buckets = new();

    /// <summary>The caller's own limit.</summary>
    public RateBucket Bucket(RateLimitCaller caller, ClaimsPrincipal user)
    {
        if (!_buckets.TryGetValue((caller, RateLimitPolicies.Default), out var bucket))
            bucket = Add(caller, RateLimitPolicies.Default, Initial(caller, user));
        if (caller.Kind == RateLimitCallerKind.Tenant && bucket.TryBeginPlanRead(PlanPeriod))
            _ = ReadPlanAsync(bucket, new TenantId(caller.Id));
        return bucket;
    }

    /// <summary>A further limit; see <see cref="RateLimitPolicies"/>.</summary>
    public RateBucket Bucket(RateLimitCaller caller, string policy) =>
        _buckets.TryGetValue((caller, policy), out var bucket) ? bucket : Add(caller, policy, quotas.For(policy));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await store.Circuit.WarmUpAsync(TimeSpan.FromSeconds(5), stoppingToken);
        using var timer = new PeriodicTimer(SweepPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var (key, bucket) in _buckets)
            {
                if (bucket.IsIdle(SweepPeriod))
                    _buckets.TryRemove(key, out _);
            }
        }
    }

    private RateBucket Add(RateLimitCaller caller, string policy, RateQuota quota)
    {
        var bucket = new RateBucket(store, caller.Key(policy), quota, time);
        return _buckets.Count < MostBuckets ? _buckets.GetOrAdd((caller, policy), bucket) : bucket;
    }

    /// <summary>What the token says, until the plan is known: it was the plan at most a token's life ago.</summary>
    private RateQuota Initial(RateLimitCaller caller, ClaimsPrincipal user) => caller.Kind switch
    {
        RateLimitCallerKind.Tenant => quotas.For(TenantPlans.Parse(user.FindFirstValue(PlatformClaims.Plan)) ?? Plan.Free),
        RateLimitCallerKind.Operator => quotas.Operator,
        _ => quotas.Anonymous,
    };

    /// <summary>Beside the request: nobody waits for it, and the limit of a moment ago does until then.</summary>
    private async Task ReadPlanAsync(RateBucket bucket, TenantId tenant)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (await plans.FindAsync(tenant) is { } plan)
            bucket.Quota = quotas.For(plan);
    }
}
