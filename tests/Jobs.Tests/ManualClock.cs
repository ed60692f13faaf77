namespace Platform.Jobs.Tests;

/// <summary>A clock that stands still until it is set forward.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _now = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Advance(TimeSpan by) => _now += by.Ticks;
}
