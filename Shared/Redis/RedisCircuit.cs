using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Platform.Redis;

/// <summary>
/// Calls Redis with a short timeout and a circuit breaker, and never throws because Redis is away: callers go on
/// without it. One instance for each use, so that a slow cache doesn't switch off events.
/// </summary>
/// <param name="user">Who uses it, for the log: "events", "cache".</param>
/// <param name="services">Where the connection comes from; resolved on first use, off the caller's path.</param>
public sealed partial class RedisCircuit(
    string user, IServiceProvider services, RedisCircuitOptions options, TimeProvider time, ILogger<RedisCircuit> logger)
{
    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _connection;
    private long _openUntil = long.MinValue;
    private long _answeredAt = long.MinValue;
    private int _failures;
    private int _hung;
    private int _away;

    /// <summary>Whether the last call failed.</summary>
    public bool IsAway => Volatile.Read(ref _away) == 1;

    /// <summary>Runs one call, or gives up at once while the circuit is open; it closes again when a ping in the background comes back.</summary>
    /// <remarks>
    /// An error Redis itself reports (a wrong script, no memory) counts as a failure too. If it answered nobody for as long as a call
    /// waits, one failure is enough: callers who ask one after the other would wait as often as there are failures to count.
    /// </remarks>
    public async ValueTask<RedisAnswer<T>> TryAsync<TState, T>(
        Func<IDatabase, TState, Task<T>> call, TState state, CancellationToken cancellationToken = default)
    {
        if (!TryEnter())
            return default;
        var sentAt = time.GetTimestamp();
        try
        {
            var connection = await ConnectAsync(cancellationToken);
            // Without this check a client library that queues while disconnected would make every caller wait.
            if (!connection.IsConnected)
            {
                Fail(null, sentAt);
                return default;
            }
            var value = await call(connection.GetDatabase(), state).WaitAsync(options.Timeout, time, cancellationToken);
            Succeed();
            return new RedisAnswer<T>(true, value);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Fail(e, sentAt);
            return default;
        }
    }

    /// <summary>The connection, waiting no longer than one call may take.</summary>
    /// <exception cref="TimeoutException">It isn't there yet.</exception>
    public Task<IConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken = default)
    {
        var connection = StartConnecting();
        return connection.IsCompletedSuccessfully ? connection : connection.WaitAsync(options.Timeout, time, cancellationToken);
    }

    private Task<IConnectionMultiplexer> StartConnecting()
    {
        if (Volatile.Read(ref _connection) is { IsCompletedSuccessfully: true } made)
            return made;
        lock (_gate)
        {
            // The first connection blocks a thread until it is made or has timed out: not the caller's.
            if (_connection is null or { IsFaulted: true })
            {
                using (ExecutionContext.SuppressFlow())
                    _connection = Task.Run(services.GetRequiredService<IConnectionMultiplexer>, CancellationToken.None);
            }
            return _connection;
        }
    }

    /// <summary>
    /// Makes the connection at start, so that the first callers don't find it missing. Returns without a word when Redis is
    /// away: callers will see for themselves.
    /// </summary>
    public async Task WarmUpAsync(TimeSpan longest, CancellationToken cancellationToken = default)
    {
        try
        {
            var connection = await StartConnecting().WaitAsync(longest, time, cancellationToken);
            await connection.GetDatabase().PingAsync().WaitAsync(longest, time, cancellationToken);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            LogNotThere(user);
        }
    }

    private bool TryEnter()
    {
        if (Volatile.Read(ref _failures) < options.FailuresToOpen && Volatile.Read(ref _hung) == 0)
            return true;
        var now = time.GetTimestamp();
        var openUntil = Volatile.Read(ref _openUntil);
        // After the break one caller has it tried, off its own path: a Redis that doesn't answer costs nobody a timeout.
        if (now >= openUntil
            && Interlocked.CompareExchange(ref _openUntil, now + Ticks(options.BreakDuration + options.Timeout), openUntil) == openUntil)
            TryAgain(hasRested: true);
        return false;
    }

    private void TryAgain(bool hasRested)
    {
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(() => TryAgainAsync(hasRested), CancellationToken.None);
    }

    private async Task TryAgainAsync(bool hasRested)
    {
        try
        {
            var connection = await ConnectAsync();
            await connection.GetDatabase().PingAsync().WaitAsync(options.Timeout, time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            return; // Still away: the next caller after the next break has it tried again.
        }
        if (hasRested)
            Succeed();
        else if (Volatile.Read(ref _failures) < options.FailuresToOpen)
            Resume(); // It only stumbled. The failures stay counted: pings may come back where scripts don't.
    }

    private void Succeed()
    {
        Volatile.Write(ref _answeredAt, time.GetTimestamp());
        if (Volatile.Read(ref _failures) != 0)
            Volatile.Write(ref _failures, 0);
        Resume();
    }

    private void Resume()
    {
        if (Volatile.Read(ref _hung) != 0)
            Volatile.Write(ref _hung, 0);
        if (Volatile.Read(ref _away) == 1 && Interlocked.Exchange(ref _away, 0) == 1)
            LogBack(user);
    }

    private void Fail(Exception? exception, long sentAt)
    {
        var failures = Interlocked.Increment(ref _failures);
        if (failures == options.FailuresToOpen)
            Volatile.Write(ref _openUntil, time.GetTimestamp() + Ticks(options.BreakDuration));
        else if (failures < options.FailuresToOpen && exception is TimeoutException && Volatile.Read(ref _answeredAt) < sentAt
            && Interlocked.Exchange(ref _hung, 1) == 0)
        {
            Volatile.Write(ref _openUntil, time.GetTimestamp() + Ticks(options.BreakDuration + options.Timeout));
            TryAgain(hasRested: false);
        }
        if (Interlocked.Exchange(ref _away, 1) == 0)
            LogAway(user, exception);
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(6500, LogLevel.Warning, "Redis is away; {User} goes on without it")]
    private partial void LogAway(string user, Exception? exception);

    [LoggerMessage(6502, LogLevel.Warning, "Redis isn't there at start; {User} goes on without it")]
    private partial void LogNotThere(string user);

    [LoggerMessage(6501, LogLevel.Information, "Redis is back; {User} uses it again")]
    private partial void LogBack(string user);
}
