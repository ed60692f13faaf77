using Microsoft.Extensions.Options;
using Platform.Tenancy;

namespace Platform.Api.Features.RateLimits;

/// <summary>The configured limits.</summary>
internal sealed class RateQuotas
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RateQuota[] _plans;
    private readonly Dictionary<string, RateQuota> _policies;

    public RateQuotas(IOptions<RateLimitOptions> options)
    {
        var limits = options.Value;
        _plans = new RateQuota[Enum.GetValues<Plan>().Length];
        _plans[(int)Plan.Free] = PerMinute(limits.Free);
        _plans[(int)Plan.Pro] = PerMinute(limits.Pro);
        _plans[(int)Plan.Enterprise] = PerMinute(limits.Enterprise);
        Operator = PerMinute(limits.Operator);
        Anonymous = PerMinute(limits.Anonymous, limits.AnonymousBlock);
        _policies = limits.Policies.ToDictionary(
            policy => policy.Key, policy => new RateQuota(policy.Key, policy.Value.Limit, policy.Value.Period), StringComparer.Ordinal);

        RateQuota PerMinute(int limit, TimeSpan block = default) => new(RateLimitPolicies.Default, limit, Minute, limits.Burst, block);
    }

    public RateQuota Operator { get; }

    public RateQuota Anonymous { get; }

    public RateQuota For(Plan plan) => _plans[(int)plan];

    public RateQuota For(string policy) => _policies[policy];
}
