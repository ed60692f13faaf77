using System.Diagnostics;
using Platform.Api.Features.RateLimits;

namespace Platform.Api.Tests.RateLimits;

/// <summary>Several processes and one Garnet, whose clock can't be set: the periods are chosen to suit the real one.</summary>
public sealed class RateBucketTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact, Trait("Req", "E1")]
    public async Task Thousand_attempts_at_once_on_three_replicas_get_exactly_the_limit()
    {
        await using var one = await LimiterReplica.StartAsync();
        await using var two = await LimiterReplica.StartAsync();
        await using var three = await LimiterReplica.StartAsync();
        // One more every 36 seconds: none while the test runs.
        var quota = new RateQuota("test", 100, Hour);
        var key = NewKey();
        RateBucket[] buckets = [one.Bucket(key, quota), two.Bucket(key, quota), three.Bucket(key, quota)];

        var decisions = await Task.WhenAll(Enumerable.Range(0, 1000).Select(index =>
            Task.Run(async () => await buckets[index % 3].TakeAsync(1))));

        var allowed = decisions.Where(decision => decision.IsAllowed).ToList();
        Assert.Equal(100, allowed.Count);
        // Each knows its own place in the line: no two are told the same.
        Assert.Equal(Enumerable.Range(0, 100), allowed.Select(decision => (int)decision.Remaining).Order());
        Assert.All(decisions.Except(allowed), refused =>
        {
            Assert.Equal(0, refused.Remaining);
            Assert.InRange(refused.RetryAfter, 1, 36_000_000);
        });
    }

    [Fact, Trait("Req", "E1")]
    public async Task Busy_bucket_that_takes_in_advance_never_lets_through_more_than_the_limit()
    {
        await using var one = await LimiterReplica.StartAsync();
        await using var two = await LimiterReplica.StartAsync();
        // One more every ten minutes.
        var quota = new RateQuota("test", 50_000, Hour * 24 * 365);
        var key = NewKey();
        RateBucket[] buckets = [one.Bucket(key, quota), two.Bucket(key, quota)];
        var atOnce = 0L;

        var allowed = await Task.WhenAll(Enumerable.Range(0, 32).Select(index => Task.Run(async () =>
        {
            var count = 0;
            for (var attempt = 0; attempt < 2_000; attempt++)
            {
                var pending = buckets[index % 2].TakeAsync(1);
                if (pending.IsCompletedSuccessfully)
                    Interlocked.Increment(ref atOnce);
                count += (await pending).IsAllowed ? 1 : 0;
            }
            return count;
        })));

        // What a lease's end leaves unused is lost: a thousandth of what is left, each tenth of a second.
        Assert.InRange(allowed.Sum(), 45_000, 50_000);
        Assert.True(Interlocked.Read(ref atOnce) > 1_000, $"Only {atOnce} didn't wait.");
    }

    [Fact, Trait("Req", "E1")]
    public async Task Weights_count_exactly_over_replicas()
    {
        await using var one = await LimiterReplica.StartAsync();
        await using var two = await LimiterReplica.StartAsync();
        var quota = new RateQuota("test", 200, Hour);
        var key = NewKey();
        RateBucket[] buckets = [one.Bucket(key, quota), two.Bucket(key, quota)];

        var decisions = await Task.WhenAll(Enumerable.Range(0, 400).Select(index => Task.Run(async () =>
        {
            var weight = index % 4;
            return (Weight: weight, Decision: await buckets[index % 2].TakeAsync(weight));
        })));

        Assert.All(decisions.Where(taken => taken.Weight == 0), taken => Assert.True(taken.Decision.IsAllowed));
        Assert.Equal(200, decisions.Where(taken => taken.Decision.IsAllowed).Sum(taken => taken.Weight));
        Assert.Equal(0, (await buckets[0].TakeAsync(0)).Remaining);
    }

    [Fact, Trait("Req", "E1")]
    public async Task No_stretch_of_time_holds_more_than_burst_and_refill()
    {
        await using var one = await LimiterReplica.StartAsync();
        await using var two = await LimiterReplica.StartAsync();
        var quota = new RateQuota("test", 50, TimeSpan.FromMilliseconds(500));
        var key = NewKey();
        RateBucket[] buckets = [one.Bucket(key, quota), two.Bucket(key, quota)];
        var clock = Stopwatch.StartNew();
        var taken = new List<(TimeSpan From, TimeSpan To)>();

        // Over several windows' edges, as fast as it goes.
        for (var index = 0; clock.Elapsed < TimeSpan.FromSeconds(2); index++)
        {
            var from = clock.Elapsed;
            if ((await buckets[index % 2].TakeAsync(1)).IsAllowed)
                taken.Add((from, clock.Elapsed));
        }

        var until = clock.Elapsed;
        var left = (await buckets[0].TakeAsync(0)).Remaining;
        for (var first = 0; first < taken.Count; first++)
        {
            for (var last = first; last < taken.Count; last++)
            {
                // At the latest moment the first can have been counted, and the earliest for the last.
                var atLeast = (taken[last].To - taken[first].From).TotalMilliseconds;
                Assert.True(last - first + 1 <= 50 + atLeast / 10 + 1, $"{last - first + 1} within {atLeast} ms");
            }
        }
        // And what was promised is given: the burst, and one every 10 ms, but none while all of it was there and nobody took any.
        var (expected, at) = (50.0, taken[0].To);
        foreach (var (_, to) in taken)
        {
            expected = Math.Min(50, expected + ((to - at).TotalMilliseconds / 10)) - 1;
            at = to;
        }

        expected = Math.Min(50, expected + ((until - at).TotalMilliseconds / 10));
        Assert.InRange(left, expected - 10, 50);
    }

    [Fact, Trait("Req", "E1")]
    public async Task Retry_after_is_when_the_next_request_passes()
    {
        await using var replica = await LimiterReplica.StartAsync();
        var bucket = replica.Bucket(NewKey(), new RateQuota("test", 4, TimeSpan.FromSeconds(2)));
        for (var index = 0; index < 4; index++)
            Assert.True((await bucket.TakeAsync(1)).IsAllowed);

        var refused = await bucket.TakeAsync(1);
        var clock = Stopwatch.StartNew();
        Assert.False(refused.IsAllowed);
        Assert.InRange(refused.RetryAfter, 1, 500_000);
        Assert.InRange(refused.ResetAfter, 1_000_000, 2_000_000);
        while (!(await bucket.TakeAsync(1)).IsAllowed)
            await Task.Yield();

        Assert.InRange(clock.Elapsed.TotalMicroseconds, refused.RetryAfter - 20_000, refused.RetryAfter + 300_000);
    }

    [Fact, Trait("Req", "E2")]
    public async Task Block_refuses_everything_for_its_whole_length_on_every_replica_and_then_starts_afresh()
    {
        await using var one = await LimiterReplica.StartAsync();
        await using var two = await LimiterReplica.StartAsync();
        // Without the block's fresh start, only one request would be there again after it.
        var quota = new RateQuota("test", 5, TimeSpan.FromSeconds(20), block: TimeSpan.FromSeconds(2));
        var key = NewKey();
        var (first, second) = (one.Bucket(key, quota), two.Bucket(key, quota));
        for (var index = 0; index < 5; index++)
            Assert.True((await first.TakeAsync(1)).IsAllowed);
        Assert.True((await second.TakeAsync(0)).IsAllowed);

        var clock = Stopwatch.StartNew();
        Assert.Equal(2_000_000, (await first.TakeAsync(1)).RetryAfter);
        while (!(await second.TakeAsync(1)).IsAllowed)
        {
            Assert.False((await first.TakeAsync(1)).IsAllowed && clock.Elapsed < TimeSpan.FromSeconds(1.9));
            await Task.Yield();
        }

        // Asking meanwhile doesn't make it longer.
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.9, 2.5);
        Assert.InRange((await two.Bucket(key, quota).TakeAsync(0)).Remaining, 3, 5);
    }

    [Fact, Trait("Req", "B4")]
    public async Task One_callers_requests_never_count_for_another()
    {
        await using var replica = await LimiterReplica.StartAsync();
        var quota = new RateQuota("test", 10, Hour);
        var (loud, quiet) = (replica.Bucket(NewKey(), quota), replica.Bucket(NewKey(), quota));

        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(async () => await loud.TakeAsync(1))));

        Assert.Equal(10, (await quiet.TakeAsync(0)).Remaining);
        Assert.Equal(9, (await quiet.TakeAsync(1)).Remaining);
    }

    [Fact, Trait("Req", "E1")]
    public async Task Smaller_plan_counts_at_once_in_shares_of_the_limit()
    {
        await using var replica = await LimiterReplica.StartAsync();
        var bucket = replica.Bucket(NewKey(), new RateQuota("test", 500, Hour));
        for (var index = 0; index < 250; index++)
            await bucket.TakeAsync(1);

        bucket.Quota = new RateQuota("test", 100, Hour);

        Assert.Equal(50, (await bucket.TakeAsync(0)).Remaining);
    }

    [Fact, Trait("Req", "E1")]
    public async Task Bucket_disappears_from_redis_once_it_is_full_again()
    {
        await using var replica = await LimiterReplica.StartAsync();
        var key = NewKey();
        await replica.Bucket(key, new RateQuota("test", 100, Hour)).TakeAsync(10);

        var left = await replica.Database.KeyTimeToLiveAsync(key);

        Assert.InRange(left!.Value.TotalMinutes, 5.9, 6);
    }

    private static string NewKey() => $"test:{Guid.NewGuid()}";
}
