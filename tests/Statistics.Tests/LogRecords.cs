using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Platform.Statistics.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class LogRecords : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, EventId Event, string Text)> Records { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Records.Enqueue((logLevel, eventId, formatter(state, exception)));

    public void Dispose()
    {
    }
}
