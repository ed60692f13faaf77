namespace Platform.Events;

/// <summary>What a tenant's replay window still has.</summary>
/// <param name="LastId">The tenant's last number.</param>
/// <param name="IsGap">True when events after the asked number are missing: read the state again instead.</param>
/// <param name="Events">Events after the asked number, oldest first.</param>
public sealed record EventReplay(long LastId, bool IsGap, IReadOnlyList<EventEnvelope> Events);
