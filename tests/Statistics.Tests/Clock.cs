namespace Platform.Statistics.Tests;

/// <summary>A wall clock that stands still until it is moved.</summary>
internal sealed class Clock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
