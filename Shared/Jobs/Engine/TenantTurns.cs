using System.Buffers.Binary;

namespace Platform.Jobs.Engine;

/// <summary>Whose turn of a queue is next: where the last claim's round ended, and what was left of the turn it ended in.</summary>
internal sealed class TenantTurns
{
    private bool _ended;

    /// <summary>The tenants after this one come first.</summary>
    public Guid After { get; private set; }

    /// <summary>Who goes on with a turn that was cut short.</summary>
    public Guid Tenant { get; private set; }

    /// <summary>Places left of that turn; 0 when none was cut short.</summary>
    public int Rest { get; private set; }

    /// <summary>A claim's jobs follow.</summary>
    public void Begin() => _ended = false;

    /// <summary>
    /// In the order they were claimed. Where the round ended is known from <see cref="ClaimedJob.Due"/>; if others took that tenant's
    /// jobs, it ended with the last one.
    /// </summary>
    public void Took(ClaimedJob job)
    {
        if (_ended && job.Due is null)
            return;
        _ended = job.Due is not null;
        Tenant = job.Tenant.Value;
        Rest = job.Due ?? 0;
        After = Rest > 0 ? Before(Tenant) : Tenant;
    }

    /// <summary>The next smaller id in the database's order, so that whoever comes after it begins with this one.</summary>
    private static Guid Before(Guid tenant)
    {
        Span<byte> bytes = stackalloc byte[16];
        tenant.TryWriteBytes(bytes, bigEndian: true, out _);
        var number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number == 0 ? 0 : number - 1);
        return new Guid(bytes, bigEndian: true);
    }
}
