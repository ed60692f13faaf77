using System.Collections.Concurrent;
using OpenTelemetry;

namespace Platform.Standins.Tests;

/// <summary>Keeps what has ended.</summary>
internal sealed class Collector<T> : BaseProcessor<T>
{
    public ConcurrentQueue<T> Items { get; } = new();

    public override void OnEnd(T data) => Items.Enqueue(data);
}
