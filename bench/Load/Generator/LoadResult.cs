using System.Globalization;

namespace Platform.Load.Generator;

/// <summary>What a run measured, after its warm-up. Latencies in milliseconds.</summary>
internal sealed record LoadResult
{
    public double Seconds { get; init; }

    /// <summary>Answers.</summary>
    public long Requests { get; init; }

    public double PerSecond { get; init; }

    public double Mean { get; init; }

    public double P50 { get; init; }

    public double P95 { get; init; }

    public double P99 { get; init; }

    public double Max { get; init; }

    public Dictionary<int, long> Statuses { get; init; } = [];

    /// <summary>Connections that were refused, broken, or answered with something that isn't HTTP.</summary>
    public long Broken { get; init; }

    /// <summary>Requests whose time had come but that weren't answered when the run ended; their latency is in no percentile.</summary>
    public long Unfinished { get; init; }

    public long Bytes { get; init; }

    public long CacheHits { get; init; }

    public long CacheMisses { get; init; }

    /// <summary>Occurrences of the marker prefix that were looked at.</summary>
    public long Markers { get; init; }

    /// <summary>Those that didn't go on as they must.</summary>
    public long ForeignMarkers { get; init; }

    /// <summary>Processor time of the generator, in seconds.</summary>
    public double GeneratorCpu { get; init; }

    /// <summary>Processor time of each metered process and its children, in seconds; empty where it can't be read.</summary>
    public Dictionary<string, double> Cpu { get; init; } = [];

    public long Ok => Statuses.Where(status => status.Key is >= 200 and < 400).Sum(status => status.Value);

    public bool AllOk => Ok == Requests && Broken == 0 && Unfinished == 0;

    public string StatusText => string.Join(", ", Statuses.OrderBy(s => s.Key).Select(s => $"{s.Key} × {s.Value.ToString("N0", CultureInfo.InvariantCulture)}"))
        + (Broken > 0 ? $", {Broken} broken" : "") + (Unfinished > 0 ? $", {Unfinished} unfinished" : "");

    /// <summary>Microseconds of processor time a request, of each process.</summary>
    public string CpuText => string.Join(", ", Cpu.Append(new("generator", GeneratorCpu))
        .Select(cpu => $"{cpu.Key} {(cpu.Value * 1e6 / Math.Max(1, Requests)).ToString("0.0", CultureInfo.InvariantCulture)} µs"));
}
