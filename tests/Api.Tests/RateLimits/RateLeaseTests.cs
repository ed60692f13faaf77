using Platform.Api.Features.RateLimits;

namespace Platform.Api.Tests.RateLimits;

[Trait("Req", "E1")]
public sealed class RateLeaseTests
{
    private static readonly RateQuota Quota = new("default", 100_000, TimeSpan.FromMinutes(1));

    [Fact]
    public async Task TryTake_by_many_threads_gives_no_more_than_the_lease()
    {
        var lease = new RateLease(Quota, count: 500, remaining: 0, ahead: 0, at: 0, until: 1);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 200).Count(_ => lease.TryTake(now: 0)))));

        Assert.Equal(500, taken.Sum());
        Assert.Equal((0, 500), (lease.Left, lease.Used));
        Assert.True(lease.IsOver(now: 0));
    }

    [Fact]
    public void TryTake_after_its_time_gives_nothing()
    {
        var lease = new RateLease(Quota, count: 5, remaining: 0, ahead: 0, at: 0, until: 10);

        Assert.True(lease.TryTake(now: 9));
        Assert.False(lease.TryTake(now: 10));
        Assert.True(lease.IsOver(now: 10));
    }

    [Fact]
    public void TakeUpTo_stops_at_the_capacity_and_takes_nothing_while_blocked()
    {
        var state = new Gcra(Quota.Capacity - 3 * Quota.Interval, blocked: 0);
        Assert.Equal(3, state.TakeUpTo(Quota, 10));
        Assert.Equal((Quota.Capacity, 0L), (state.Ahead, state.RemainingOf(Quota)));

        var blocked = new Gcra(0, blocked: 1);
        Assert.Equal(0, blocked.TakeUpTo(Quota, 10));
    }
}
