using Platform.Jobs.Internal;

namespace Platform.Jobs.Tests;

[Trait("Req", "F1")]
public sealed class EnqueueHintTests
{
    private readonly ManualClock _time = new();
    private readonly EnqueueHints _hints;

    public EnqueueHintTests() => _hints = new EnqueueHints(_time);

    [Fact]
    public void Jobs_at_a_moderate_rate_are_all_told()
    {
        for (var job = 0; job < 1000; job++)
        {
            Assert.True(_hints.ShouldNotify("work"));
            Assert.True(_hints.ShouldNotify("work"), "two at once, and again four milliseconds later");
            _time.Advance(TimeSpan.FromMilliseconds(4));
        }
    }

    [Fact]
    public void Of_a_flood_no_more_than_500_a_second_are_told()
    {
        var told = 0;
        for (var job = 0; job < 20_000; job++)
        {
            if (_hints.ShouldNotify("work"))
                told++;
            _time.Advance(TimeSpan.FromMicroseconds(50));
        }

        Assert.InRange(told, 500, 511);
    }

    [Fact]
    public void One_queues_flood_leaves_the_others_theirs()
    {
        while (_hints.ShouldNotify("work"))
            continue;

        Assert.True(_hints.ShouldNotify("other"));
    }
}
