using Platform.Jobs.Engine;

namespace Platform.Jobs.Tests;

[Trait("Req", "F1")]
public sealed class QueueRunnerTests : IDisposable
{
    private readonly AsyncSignal _wake = new();

    public void Dispose() => _wake.Dispose();

    [Fact]
    public async Task Whoever_ends_wakes_the_claimer_that_found_no_place_free()
    {
        var queue = new QueueRunner("work", new JobQueueOptions { Concurrency = 1 }, null!, _wake, TimeProvider.System);
        queue.Add(Job());

        Assert.Equal(0, queue.Places());
        queue.Ended();

        Assert.True(await _wake.WaitAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.Equal(1, queue.Places());
    }

    [Fact]
    public async Task Whoever_ends_wakes_nobody_when_the_last_claim_emptied_the_queue()
    {
        var queue = new QueueRunner("work", new JobQueueOptions { Concurrency = 2 }, null!, _wake, TimeProvider.System);
        queue.Add(Job());

        Assert.Equal(1, queue.Places());
        queue.Ended();

        Assert.False(await _wake.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }

    private static ClaimedJob Job() =>
        new(1, Guid.CreateVersion7(), JobsDatabase.Acme, "work", 1, null, 0, "test.work", 3, 60, false, null, [], false, 1, null, null);
}
