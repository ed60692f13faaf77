namespace Platform.ServiceDefaults.Shutdown;

/// <summary>Whether the service has begun to stop.</summary>
internal sealed class Readiness
{
    private volatile bool _draining;

    public bool IsDraining => _draining;

    public void Drain() => _draining = true;
}
