using System.Threading.Channels;

namespace Platform.Jobs.Engine;

/// <summary>
/// Runs the jobs of one queue: as many at once as its concurrency, with as many more claimed ahead as start within 50 ms.
/// </summary>
internal sealed class QueueRunner(string queue, JobQueueOptions options, JobRunner runner, AsyncSignal wake, TimeProvider time)
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(50);
    private readonly Channel<ClaimedJob> _buffer = Channel.CreateUnbounded<ClaimedJob>(
        new UnboundedChannelOptions { SingleWriter = true });
    private readonly long _since = time.GetTimestamp();
    private long _ended;
    private int _held;
    private long _rateEnded;
    private TimeSpan _rateAt;
    private int _target = options.Concurrency;
    private bool _limited;

    public string Queue { get; } = queue;

    public int TenantConcurrency { get; } = options.TenantConcurrency;

    /// <summary>Whether the queue has a rate limit: then nothing is claimed ahead, for what is claimed counts as started.</summary>
    public bool Limited
    {
        get => Volatile.Read(ref _limited);
        set => Volatile.Write(ref _limited, value);
    }

    /// <summary>Whether two workers mustn't claim from it at once.</summary>
    public bool ClaimsAlone => TenantConcurrency > 0 || Limited;

    /// <summary>Whose turn is next.</summary>
    public TenantTurns Turns { get; } = new();

    /// <summary>Whether the last claim found many, or there was no place for one: then a place that becomes free is worth a look.</summary>
    public bool MayHaveMore { get; set; }

    /// <summary>Jobs claimed and not yet ended, buffered or running.</summary>
    public int Held => Volatile.Read(ref _held);

    public void Start()
    {
        for (var i = 0; i < options.Concurrency; i++)
            StartConsumer();
    }

    /// <summary>Also called to take the place of a consumer whose handler was given up.</summary>
    public void StartConsumer() => _ = Task.Run(ConsumeAsync);

    /// <summary>How many jobs to claim now; 0 until a fair part of the places is free, so that claims stay large.</summary>
    public int Places()
    {
        Adapt();
        var places = Target - Held;
        if (places >= Threshold)
            return places;

        // Nobody looks now, so whoever ends next says so; unless he has ended in between.
        MayHaveMore = true;
        Interlocked.MemoryBarrier();
        places = Target - Held;
        return places >= Threshold ? places : 0;
    }

    public void Add(ClaimedJob job)
    {
        Interlocked.Increment(ref _held);
        _buffer.Writer.TryWrite(job);
    }

    public void Ended()
    {
        Interlocked.Increment(ref _ended);
        if (Target - Interlocked.Decrement(ref _held) >= Threshold && MayHaveMore)
            wake.Set();
    }

    /// <summary>Takes out what has not started; the consumers end when they next look.</summary>
    public List<ClaimedJob> Stop()
    {
        var left = new List<ClaimedJob>();
        while (_buffer.Reader.TryRead(out var job))
        {
            left.Add(job);
            Interlocked.Decrement(ref _held);
        }

        _buffer.Writer.TryComplete();
        return left;
    }

    private int Target => Limited ? Math.Min(_target, options.Concurrency) : _target;

    private int Threshold => Target <= options.Concurrency ? 1 : Math.Max(1, Target / 2);

    // The rate of the last half second or so decides how far ahead to claim; at most doubled at a time.
    private void Adapt()
    {
        var now = time.GetElapsedTime(_since);
        var elapsed = now - _rateAt;
        if (elapsed < Ahead / 2)
            return;
        var ended = Volatile.Read(ref _ended);
        var ahead = (ended - _rateEnded) / elapsed.TotalSeconds * Ahead.TotalSeconds;
        (_rateEnded, _rateAt) = (ended, now);
        var wanted = options.Concurrency + (int)Math.Min(ahead, options.Prefetch);
        _target = wanted > _target ? Math.Min(wanted, _target * 4) : Math.Max(wanted, _target * 3 / 4);
    }

    private async Task ConsumeAsync()
    {
        await foreach (var job in _buffer.Reader.ReadAllAsync())
        {
            var mine = await runner.RunAsync(job);
            if (!mine)
                return;
            Ended();
        }
    }
}
