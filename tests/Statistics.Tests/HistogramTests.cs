namespace Platform.Statistics.Tests;

[Trait("Req", "I4")]
public sealed class HistogramTests
{
    [Theory]
    [InlineData(1, 50.0)]
    [InlineData(2, 3_000.0)]
    [InlineData(3, 200_000.0)]
    public void Percentiles_are_within_one_percent_of_the_exact_ones(int seed, double median)
    {
        var random = new Random(seed);
        var recorder = new RouteRecorder("GET", "/");
        // A long tail, as latencies have.
        var exact = Enumerable.Range(0, 20_000).Select(_ => (long)(median * Math.Exp(1.2 * Normal(random)))).Order().ToArray();
        foreach (var value in exact)
            recorder.Record(value, RequestMarks.None);

        var histogram = new LatencyHistogram();
        Assert.True(recorder.DrainTo(histogram));

        Assert.Equal(exact.Length, histogram.Requests);
        Assert.Equal(exact.Sum(), histogram.Totals.Sum);
        foreach (var share in new[] { 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1 })
        {
            var wanted = exact[(int)Math.Ceiling(share * exact.Length) - 1];
            Assert.InRange(histogram.Percentile(share), wanted * 0.99, wanted * 1.01);
        }
    }

    [Fact]
    public void Every_value_is_within_one_percent_of_its_bucket_and_buckets_are_in_order()
    {
        var last = 0;
        for (var value = 0L; value < 1L << 30; value = value < 1000 ? value + 1 : value + value / 97)
        {
            var bucket = LatencyScale.Index(value);
            Assert.InRange(bucket, last, LatencyScale.Buckets - 1);
            Assert.InRange(LatencyScale.Middle(bucket), value * 0.99, value * 1.01);
            last = bucket;
        }
        Assert.Equal(LatencyScale.Buckets - 1, LatencyScale.Index(long.MaxValue));
        Assert.Equal(0, LatencyScale.Index(-5));
    }

    [Fact]
    public async Task Recording_on_many_threads_while_draining_loses_nothing()
    {
        var recorder = new RouteRecorder("GET", "/");
        var histogram = new LatencyHistogram();
        using var start = new Barrier(5);
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait();
            for (var value = 0; value < 50_000; value++)
                recorder.Record(value % 1000, Marks(value));
        }, TaskCreationOptions.LongRunning)).ToArray();

        start.SignalAndWait();
        while (!writers.All(writer => writer.IsCompleted))
            recorder.DrainTo(histogram);
        await Task.WhenAll(writers);
        recorder.DrainTo(histogram);

        Assert.Equal(200_000, histogram.Requests);
        Assert.Equal(new RequestTotals(4 * 50 * 499_500L, 20_000, 40_000, 2_000, 100_000, 60_000), histogram.Totals);
        Assert.False(recorder.DrainTo(histogram));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var recorder = new RouteRecorder("GET", "/");
        for (var round = 0; round < 1000; round++)
            recorder.Record(round, RequestMarks.Slow | RequestMarks.Late | RequestMarks.Error | RequestMarks.Hit);
        // A first time on another processor makes room for its counts; the least of several rounds has none.
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var value = 0; value < 1000; value++)
                recorder.Record(value, RequestMarks.None);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Written_histogram_is_read_back_whole_and_adds_up()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(0, 3);
        histogram.Add(LatencyScale.Index(12_345), 1_000_000);
        histogram.Add(LatencyScale.Buckets - 1, 1);
        histogram.Add(new RequestTotals(9_876_543_210, 1, 2, 3, 4, 5));
        var bytes = HistogramCodec.Write(histogram);

        var read = new LatencyHistogram();
        HistogramCodec.AddTo(read, bytes);
        HistogramCodec.AddTo(read, bytes);

        Assert.Equal(2 * histogram.Requests, read.Requests);
        Assert.Equal(new RequestTotals(2 * 9_876_543_210, 2, 4, 6, 8, 10), read.Totals);
        Assert.Equal(histogram.Percentile(0.5), read.Percentile(0.5));
        Assert.Equal(2, read.Counts[^1]);
    }

    [Fact]
    public void Damaged_histograms_are_left_out()
    {
        var histogram = new LatencyHistogram();
        foreach (var bytes in new byte[][] { [], [9], [2], [2, 0x80], [2, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 5], [.. Enumerable.Repeat((byte)0xFF, 50)] })
            HistogramCodec.AddTo(histogram, bytes);

        Assert.Equal(0, histogram.Requests);
        Assert.Equal(0, histogram.Percentile(0.95));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static RequestMarks Marks(int value) =>
        (value % 10 == 0 ? RequestMarks.Slow : 0) | (value % 5 == 0 ? RequestMarks.Late : 0) | (value % 100 == 0 ? RequestMarks.Error : 0)
        | (value % 10) switch { < 5 => RequestMarks.Hit, < 8 => RequestMarks.Miss, _ => 0 };
}
