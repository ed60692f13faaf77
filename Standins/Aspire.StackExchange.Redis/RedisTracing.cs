using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis;

/// <summary>
/// A client span for each Redis command, child of the activity that sent it. The client hands out finished commands in
/// batches only, so the spans are made up to two seconds later, with the times the client measured.
/// </summary>
internal sealed class RedisTracing : IProfiler, IDisposable
{
    /// <summary>The source's name in OpenTelemetry's own instrumentation of this client.</summary>
    public const string SourceName = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A parent that runs for long (a stream, a worker's loop) isn't waited for.
    private static readonly TimeSpan LongestSession = TimeSpan.FromSeconds(10);

    private static readonly ActivitySource Source = new(SourceName);

    private readonly ConcurrentQueue<Session> _sessions = new();
    private readonly string _property = $"redis-{Guid.NewGuid():N}";
    private readonly CancellationTokenSource _stop = new();
    private ConnectionMultiplexer? _multiplexer;

    public void Attach(ConnectionMultiplexer multiplexer)
    {
        _multiplexer = multiplexer;
        multiplexer.RegisterProfiler(this);
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(FlushLoopAsync);
    }

    /// <summary>The client asks at each command under which context to keep its times; null means not at all.</summary>
    public object? GetContext()
    {
        if (Activity.Current is not { IsAllDataRequested: true, Recorded: true } activity || !Source.HasListeners())
            return null;
        if (activity.GetCustomProperty(_property) is Session known)
            return known;

        var session = new Session(activity, Stopwatch.GetTimestamp());
        _multiplexer!.BeginProfiling(session);
        activity.SetCustomProperty(_property, session);
        _sessions.Enqueue(session);
        return session;
    }

    public void Dispose()
    {
        _stop.Cancel();
        Flush(all: true);
        _stop.Dispose();
    }

    private async Task FlushLoopAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
                Flush(all: false);
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Flush(bool all)
    {
        for (var left = _sessions.Count; left > 0 && _sessions.TryDequeue(out var session); left--)
        {
            if (all || session.Closed)
            {
                Emit(session);
                continue;
            }

            // Closed now, emitted at the next tick: commands in flight get the time to finish.
            if (session.Parent.IsStopped || Stopwatch.GetElapsedTime(session.Started) > LongestSession)
            {
                session.Parent.SetCustomProperty(_property, null);
                session.Closed = true;
            }

            _sessions.Enqueue(session);
        }
    }

    private void Emit(Session session)
    {
        try
        {
            foreach (var command in _multiplexer!.FinishProfiling(session))
            {
                // The client gives up on a command long before that: a longer time is a clock it never stopped.
                if (command.ElapsedTime > LongestSession)
                    continue;
                using var span = Source.StartActivity(
                    ActivityKind.Client, session.Parent.Context, Tags(command, session.Parent), startTime: command.CommandCreated, name: command.Command);
                span?.SetEndTime(command.CommandCreated + command.ElapsedTime);
            }
        }
        catch (Exception)
        {
            // Telemetry never disturbs what it observes; the multiplexer may be gone already.
        }
    }

    private static List<KeyValuePair<string, object?>> Tags(IProfiledCommand command, Activity parent)
    {
        List<KeyValuePair<string, object?>> tags =
        [
            new("db.system.name", "redis"),
            new("db.operation.name", command.Command),
            new("db.namespace", command.Db.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ];
        if (command.EndPoint is IPEndPoint ip)
            tags.AddRange([new("server.address", ip.Address.ToString()), new("server.port", ip.Port)]);
        else if (command.EndPoint is DnsEndPoint dns)
            tags.AddRange([new("server.address", dns.Host), new("server.port", dns.Port)]);

        // Made outside the request, so whose request it was has to be taken from the parent.
        foreach (var name in (ReadOnlySpan<string>)["tenant.id", "enduser.id"])
        {
            if (parent.GetTagItem(name) is { } value)
                tags.Add(new(name, value));
        }

        return tags;
    }

    private sealed class Session(Activity parent, long started)
    {
        public Activity Parent { get; } = parent;

        public long Started { get; } = started;

        public bool Closed { get; set; }
    }
}
