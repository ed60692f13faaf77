using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line of a log; the content starts with its UTC time when that is known.</summary>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>
/// The logs of resources: what the host itself has to say about them, kept here, and what the processes print, fetched from
/// the orchestrator for as long as somebody watches.
/// </summary>
public class ResourceLoggerService : IDisposable
{
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<string, HostLog> _logs = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _disposing = new();

    /// <summary>Reads what an instance prints: (name, follow) → (line, is an error).</summary>
    internal Func<string, bool, CancellationToken, IAsyncEnumerable<(string Content, bool IsError)>>? ProcessOutput { get; set; }

    /// <summary>Writes to the log of a resource, all instances.</summary>
    public ILogger GetLogger(IResource resource) =>
        new ResourceLogger([.. ResourceNotificationService.InstanceNames(resource).Select(Log)]);

    /// <summary>Writes to the log of an instance.</summary>
    public ILogger GetLogger(string resourceName) => new ResourceLogger([Log(resourceName)]);

    /// <summary>All lines so far, of all instances.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource)
    {
        foreach (var name in ResourceNotificationService.InstanceNames(resource))
        {
            await foreach (var batch in ReadAsync(name, follow: false, default))
                yield return batch;
        }
    }

    /// <summary>All lines so far of an instance.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName) => ReadAsync(resourceName, follow: false, default);

    /// <summary>All lines of the first instance, then new ones as they come.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) =>
        WatchAsync(ResourceNotificationService.InstanceNames(resource)[0]);

    /// <summary>All lines of an instance, then new ones as they come.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => ReadAsync(resourceName, follow: true, default);

    /// <summary>Ends the host's part of the logs of a resource.</summary>
    public void Complete(IResource resource)
    {
        foreach (var name in ResourceNotificationService.InstanceNames(resource))
            Complete(name);
    }

    /// <summary>Ends the host's part of the log of an instance.</summary>
    public void Complete(string name) => Log(name).Complete();

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposing.Cancel();
        GC.SuppressFinalize(this);
    }

    private HostLog Log(string name) => _logs.GetOrAdd(name, _ => new HostLog());

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> ReadAsync(
        string name, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        var merged = Channel.CreateUnbounded<(string Content, bool IsError)>();
        var number = 0;

        // The host's own lines come first: waiting comes before running.
        var backlog = Log(name).Subscribe(follow ? merged.Writer : null);
        try
        {
            var readers = Task.WhenAll(
                follow ? Log(name).Completion.WaitAsync(ending.Token) : Task.CompletedTask,
                PumpProcessOutputAsync(name, follow, merged.Writer, ending.Token));
            _ = readers.ContinueWith(_ => merged.Writer.TryComplete(), TaskScheduler.Default);

            if (backlog.Count > 0)
                yield return [.. backlog.Select(line => new LogLine(++number, line.Content, line.IsError))];

            while (await merged.Reader.WaitToReadAsync(CancellationToken.None))
            {
                var batch = new List<LogLine>();
                while (batch.Count < 1000 && merged.Reader.TryRead(out var line))
                    batch.Add(new LogLine(++number, line.Content, line.IsError));
                yield return batch;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            Log(name).Unsubscribe(merged.Writer);
            await ending.CancelAsync();
        }
    }

    private async Task PumpProcessOutputAsync(
        string name, bool follow, ChannelWriter<(string, bool)> writer, CancellationToken cancellationToken)
    {
        if (ProcessOutput is not { } output)
            return;
        await foreach (var line in output(name, follow, cancellationToken))
            await writer.WriteAsync(line, cancellationToken);
    }

    private sealed class HostLog
    {
        private readonly Queue<(string Content, bool IsError)> _lines = [];
        private readonly List<ChannelWriter<(string, bool)>> _subscribers = [];
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Completion => _completion.Task;

        public void Complete() => _completion.TrySetResult();

        public void Add(string content, bool isError)
        {
            lock (_lines)
            {
                _lines.Enqueue((content, isError));
                if (_lines.Count > Capacity)
                    _lines.Dequeue();
                foreach (var subscriber in _subscribers)
                    subscriber.TryWrite((content, isError));
            }
        }

        public List<(string Content, bool IsError)> Subscribe(ChannelWriter<(string, bool)>? writer)
        {
            lock (_lines)
            {
                if (writer is not null)
                    _subscribers.Add(writer);
                return [.. _lines];
            }
        }

        public void Unsubscribe(ChannelWriter<(string, bool)> writer)
        {
            lock (_lines)
                _subscribers.Remove(writer);
        }
    }

    private sealed class ResourceLogger(HostLog[] logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception) + (exception is null ? "" : Environment.NewLine + exception);
            var time = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture);
            foreach (var log in logs)
                log.Add($"{time} {text}", logLevel >= LogLevel.Error);
        }
    }
}
