namespace Platform.Tenancy;

/// <summary>
/// The tenant of the current unit of work (a request, a job, a circuit). Scoped; set once, from a verified token or
/// from the job's row, before anything that touches tenant data is resolved. Not set means no access.
/// </summary>
public sealed class TenantContext
{
    private TenantId? _current;

    public bool IsSet => _current is not null;

    /// <exception cref="InvalidOperationException">No tenant was set for this unit of work.</exception>
    public TenantId Current =>
        _current ?? throw new InvalidOperationException("No tenant is set for this unit of work.");

    /// <exception cref="ArgumentException">It is the struct's default, which names no tenant.</exception>
    /// <exception cref="InvalidOperationException">Another tenant is already set: a unit of work never changes tenant.</exception>
    public void Set(TenantId tenant)
    {
        if (tenant == default)
            throw new ArgumentException("The default id names no tenant.", nameof(tenant));
        if (_current is { } current && current != tenant)
            throw new InvalidOperationException("The tenant of a unit of work can't change.");
        _current = tenant;
    }
}
