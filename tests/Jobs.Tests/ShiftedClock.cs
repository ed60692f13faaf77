namespace Platform.Jobs.Tests;

/// <summary>A clock that is wrong by a fixed time; durations are right.</summary>
internal sealed class ShiftedClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
}
