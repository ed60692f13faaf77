using System.Diagnostics;
using System.Text;

namespace Platform.Load.Generator;

/// <summary>Carries a plan out. Latency counts from the moment a request was due, in an open loop also while it waited for a connection.</summary>
internal sealed class LoadRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly LoadPlan _plan;
    private readonly byte[][] _bytes;
    private readonly byte[]?[] _markers;
    private readonly byte[]? _prefix;
    private readonly int[] _sequence;
    private readonly LoadConnection[] _connections;
    private readonly Stack<LoadConnection> _free = new();
    private readonly Queue<long> _waiting = new();
    private readonly Lock _gate = new();
    private readonly Histogram _latencies = new();
    private readonly long[] _statuses = new long[1000];
    private long _start, _measured, _end, _next, _sent, _broken, _bytesRead, _hits, _misses, _seen, _foreign;
    private int _active;

    public LoadRun(LoadPlan plan)
    {
        plan.Check();
        _plan = plan;
        _bytes = [.. plan.Requests.Select(request => request.ToBytes())];
        _markers = [.. plan.Requests.Select(request => request.Marker is null ? null : Encoding.UTF8.GetBytes(request.Marker))];
        _prefix = plan.MarkerPrefix is null ? null : Encoding.UTF8.GetBytes(plan.MarkerPrefix);
        _sequence = Sequence(plan);
        var targets = plan.EndPoints();
        _connections = [.. Enumerable.Range(0, plan.Connections).Select(i => new LoadConnection(this, targets[i % targets.Length]))];
    }

    public LoadResult Run()
    {
        using var self = Process.GetCurrentProcess();
        _start = Stopwatch.GetTimestamp();
        // A closed loop's warm-up ends when it has sent enough; without one everything counts from the first request on.
        var endsWarmUp = _plan.Rate is null && (_plan.WarmUpSeconds > 0 || _plan.WarmUpRequests > 0);
        if (endsWarmUp)
            _measured = _end = long.MaxValue;
        else
            (_measured, _end) = (_start + Ticks(_plan.WarmUpSeconds), _start + Ticks(_plan.WarmUpSeconds + _plan.Seconds));
        TimeSpan ownCpu = default;
        Dictionary<string, double?> cpu = [];
        // A thread of its own reads the meters when the warm-up is over.
        var meter = new Thread(() =>
        {
            Clock.SleepUntil(_start + Ticks(_plan.WarmUpSeconds));
            if (endsWarmUp)
                EndWarmUp();
            (ownCpu, cpu) = (self.TotalProcessorTime, Meters());
        });
        meter.Start();
        if (_plan.Rate is { } rate)
            SendAtRate(rate);
        else
        {
            _active = _connections.Length;
            foreach (var connection in _connections)
            {
                if (Take(connection, Stopwatch.GetTimestamp()))
                    connection.Start();
            }
        }

        if (_plan.Rate is null)
            meter.Join();
        Clock.SleepUntil(_sent >= _plan.MaxRequests ? 0 : _end);
        meter.Join();
        var ended = Math.Min(_end, Stopwatch.GetTimestamp());
        self.Refresh();
        var (ownEnd, cpuEnd) = (self.TotalProcessorTime, Meters());
        var unfinished = WaitForRest();
        var seconds = Stopwatch.GetElapsedTime(_measured, ended).TotalSeconds;
        var result = new LoadResult
        {
            Seconds = seconds,
            Requests = _latencies.Count,
            PerSecond = _latencies.Count / seconds,
            Mean = _latencies.Mean() / 1e6,
            P50 = _latencies.Percentile(0.5) / 1e6,
            P95 = _latencies.Percentile(0.95) / 1e6,
            P99 = _latencies.Percentile(0.99) / 1e6,
            Max = _latencies.Max / 1e6,
            Statuses = _statuses.Index().Where(s => s.Item > 0).ToDictionary(s => s.Index, s => s.Item),
            Broken = Interlocked.Read(ref _broken),
            Unfinished = unfinished,
            Bytes = _bytesRead,
            CacheHits = _hits,
            CacheMisses = _misses,
            Markers = _seen,
            ForeignMarkers = _foreign,
            GeneratorCpu = (ownEnd - ownCpu).TotalSeconds,
            Cpu = cpuEnd.Where(c => c.Value is not null && cpu.GetValueOrDefault(c.Key) is not null)
                .ToDictionary(c => c.Key, c => c.Value!.Value - cpu[c.Key]!.Value),
        };
        foreach (var connection in _connections)
            connection.Dispose();
        return result;
    }

    public ReadOnlySpan<byte> Bytes(int request) => _bytes[request];

    /// <returns>Whether there is a next request for this connection.</returns>
    public bool Answered(LoadConnection connection)
    {
        var now = Stopwatch.GetTimestamp();
        // What belongs to the warm-up began in it; what was due in time counts however late its answer is.
        if (connection.Since >= _measured)
            Record(connection, now);
        return Take(connection, now);
    }

    public void Broke(LoadConnection connection)
    {
        if (connection.Since >= _measured)
            Interlocked.Increment(ref _broken);
        var now = Stopwatch.GetTimestamp();
        if (now >= _end || _plan.Rate is null && Interlocked.Read(ref _broken) > 100_000)
        {
            Leave(connection);
            return;
        }

        // Off this thread, and not at once: who refuses connections refuses the next one too.
        ThreadPool.QueueUserWorkItem(_ =>
        {
            Thread.Sleep(10);
            if (Take(connection, Stopwatch.GetTimestamp()))
                connection.Start();
        });
    }

    // Nothing is measured, and nothing ends, before this has set the times.
    private void EndWarmUp()
    {
        var last = _start + Ticks(_plan.WarmUpSeconds * 4);
        while (Interlocked.Read(ref _sent) < _plan.WarmUpRequests && Stopwatch.GetTimestamp() < last)
            Thread.Sleep(20);
        var now = Stopwatch.GetTimestamp();
        Volatile.Write(ref _end, now + Ticks(_plan.Seconds));
        Volatile.Write(ref _measured, now);
    }

    private bool Take(LoadConnection connection, long now)
    {
        if (_plan.Rate is null)
        {
            if (now >= _end || Interlocked.Increment(ref _sent) > _plan.MaxRequests)
            {
                Leave(connection);
                return false;
            }

            (connection.Request, connection.Since) = (Choose(), now);
            return true;
        }

        lock (_gate)
        {
            if (_waiting.TryDequeue(out var due))
            {
                (connection.Request, connection.Since) = (Choose(), due);
                return true;
            }

            _free.Push(connection);
            return false;
        }
    }

    private void Leave(LoadConnection connection)
    {
        if (_plan.Rate is null)
            Interlocked.Decrement(ref _active);
        else
        {
            lock (_gate)
                _free.Push(connection);
        }
    }

    private void SendAtRate(double rate)
    {
        foreach (var connection in _connections)
            _free.Push(connection);
        // One percent of the time: little beside what is measured.
        var awake = Math.Min(Ticks(0.0003), Ticks(0.01 / rate));
        for (long n = 0; n < _plan.MaxRequests; n++)
        {
            var due = _start + Ticks(n / rate);
            if (due >= _end)
                return;
            Clock.SleepUntil(due, awake);
            _sent = n + 1;
            LoadConnection? connection;
            lock (_gate)
            {
                if (!_free.TryPop(out connection))
                    _waiting.Enqueue(due);
            }

            if (connection is null)
                continue;
            (connection.Request, connection.Since) = (Choose(), due);
            connection.Start();
        }
    }

    // Answers that are due still count; those that don't come are told.
    private long WaitForRest()
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(Patience.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            long left;
            lock (_gate)
                left = _plan.Rate is null ? Volatile.Read(ref _active) : _waiting.Count + _connections.Length - _free.Count;
            if (left == 0 || Stopwatch.GetTimestamp() > deadline)
                return left;
            Thread.Sleep(5);
        }
    }

    private void Record(LoadConnection connection, long now)
    {
        _latencies.Record((long)((now - connection.Since) * (1e9 / Stopwatch.Frequency)));
        var answer = connection.Answer;
        Interlocked.Increment(ref _statuses[answer.Status % 1000]);
        Interlocked.Add(ref _bytesRead, connection.Received.Length);
        if (answer.CacheHit is { } hit)
            Interlocked.Increment(ref hit ? ref _hits : ref _misses);
        if (_prefix is not null && _markers[connection.Request] is { } marker && answer.Status == 200)
            Search(answer.Body(connection.Received), marker);
    }

    private void Search(ReadOnlySpan<byte> body, byte[] marker)
    {
        while (body.IndexOf(_prefix) is var found and >= 0)
        {
            body = body[found..];
            Interlocked.Increment(ref _seen);
            if (!body.StartsWith(marker))
                Interlocked.Increment(ref _foreign);
            body = body[_prefix!.Length..];
        }
    }

    private int Choose() => _sequence[(int)((ulong)Interlocked.Increment(ref _next) % (ulong)_sequence.Length)];

    private Dictionary<string, double?> Meters() => _plan.Processes.ToDictionary(p => p.Key, p => ProcessTree.Seconds(p.Value));

    private static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);

    // Chosen beforehand: the run itself should cost nothing. The same seed gives the same sequence.
    private static int[] Sequence(LoadPlan plan)
    {
        if (plan.Requests.Length == 1)
            return [0];
        var upTo = new double[plan.Requests.Length];
        double sum = 0;
        for (var i = 0; i < upTo.Length; i++)
            upTo[i] = sum += plan.Requests[i].Weight;
#pragma warning disable CA5394 // Chance, not a secret.
        var random = new Random(plan.Seed);
        return [.. Enumerable.Range(0, 1 << 16).Select(_ =>
        {
            var index = Array.BinarySearch(upTo, random.NextDouble() * sum);
            return Math.Min(index < 0 ? ~index : index, upTo.Length - 1);
        })];
#pragma warning restore CA5394
    }
}
