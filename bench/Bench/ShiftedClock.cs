namespace Platform.Bench;

/// <summary>A clock that is wrong by a fixed time. What measures durations is right, as on a real machine whose clock is off.</summary>
internal sealed class ShiftedClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
}
