using Microsoft.EntityFrameworkCore;
using Platform.Tenancy;

namespace Platform.Data.Placement;

/// <summary>
/// Where it is decided who belongs to the current tenant and may do what: members, invitations, roles, API keys, profiles. That is the
/// common database even for a placed tenant, whose own database has a copy of members and roles. For all others it is the
/// unit of work's own <see cref="PlatformDb"/>, and nothing here costs anything.
/// </summary>
public sealed class DirectoryDb(PlatformDb own, DbContextOptions<PlatformDb> options, TenantContext tenant, TenantDatabases databases)
    : IAsyncDisposable
{
    private PlatformDb? _common;

    /// <summary>To read what is decided, where a copy wouldn't do. Never a replica.</summary>
    public PlatformDb Deciding => databases.IsPlaced(own.Tenant) ? _common ??= new PlatformDb(options, tenant) : own;

    /// <summary>
    /// The transaction to change the directory in, for as long as <paramref name="transaction"/> lasts: with its commit both are
    /// committed and the tenant's copy is renewed. Audit, events and idempotency records belong into
    /// <paramref name="transaction"/>, that is, into the tenant's own database.
    /// </summary>
    /// <param name="transaction">One of the unit of work's <see cref="PlatformDb"/>.</param>
    public async Task<TenantTransaction> JoinAsync(TenantTransaction transaction, CancellationToken cancellationToken = default)
    {
        if (Deciding == own)
            return transaction;
        var deciding = await Deciding.BeginAsync(cancellationToken);
        transaction.Join(deciding, token => DirectoryCopies.CopyAsync(deciding.Transaction, transaction.Transaction, token));
        await DirectoryCopies.LockAsync(deciding.Transaction, tenant.Current, cancellationToken);
        return deciding;
    }

    public ValueTask DisposeAsync() => _common?.DisposeAsync() ?? ValueTask.CompletedTask;
}
