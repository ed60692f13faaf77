using Npgsql;
using Platform.Data.Replicas;
using Platform.Tenancy;

namespace Platform.Data.Placement;

/// <summary>
/// Where each tenant's rows are. <see cref="PlatformDb"/> asks by itself; code with commands of its own asks here instead of
/// for <see cref="NpgsqlDataSource"/>, which is the database everything but placed tenants is in.
/// </summary>
public sealed class TenantDatabases : IAsyncDisposable
{
    private readonly TenantDatabase _common;
    private readonly IReadOnlyDictionary<TenantId, TenantDatabase> _placed;
    private readonly ReplicaRouter? _router;

    /// <summary>All tenants in one database, without a replica. Doesn't own the pool.</summary>
    public TenantDatabases(NpgsqlDataSource common)
        : this(new TenantDatabase(PlatformDataExtensions.ConnectionName, common, null), new Dictionary<TenantId, TenantDatabase>(), null)
    {
    }

    internal TenantDatabases(TenantDatabase common, IReadOnlyDictionary<TenantId, TenantDatabase> placed, ReplicaRouter? router)
    {
        (_common, _placed, _router) = (common, placed, router);
        Databases = [common, .. placed.Values.Distinct()];
    }

    /// <summary>Every database once, the common one first: for what is asked before a tenant is known.</summary>
    public IReadOnlyList<NpgsqlDataSource> All => [.. Databases.Select(database => database.Primary)];

    /// <summary>Where it is decided who belongs to a tenant and may do what, wherever its other rows are.</summary>
    public NpgsqlDataSource Common => _common.Primary;

    internal IReadOnlyList<TenantDatabase> Databases { get; }

    internal bool HasPlaced => _placed.Count > 0;

    /// <summary>Whether the tenant has a database of its own.</summary>
    public bool IsPlaced(TenantId tenant) => _placed.ContainsKey(tenant);

    /// <summary>The pool of the tenant's database, of role <c>platform_app</c>.</summary>
    public NpgsqlDataSource For(TenantId tenant) => Of(tenant).Primary;

    /// <summary>
    /// To be called after a commit that <see cref="PlatformDb"/> didn't make, before anybody is told of the change: from then
    /// on no reader is given a replica that doesn't have it. Does nothing where there is no replica, and never throws.
    /// </summary>
    /// <param name="connection">The open connection the change was made on.</param>
    public ValueTask WroteAsync(TenantId tenant, NpgsqlConnection connection) =>
        _router is not null && Of(tenant).Replica is not null ? _router.WroteAsync(tenant, connection) : ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        // The common pool is the container's own.
        foreach (var database in Databases)
        {
            if (database != _common)
                await database.Primary.DisposeAsync();
            if (database.Replica is { } replica)
                await replica.DisposeAsync();
        }
    }

    /// <summary>Keeps this process's readers of the tenant off the replica for a while.</summary>
    internal void Pin(TenantId tenant) => _router?.Pin(tenant);

    /// <summary>An open connection to a replica that has all the tenant's writes; null when there is none in time.</summary>
    internal ValueTask<NpgsqlConnection?> OpenReplicaAsync(TenantId tenant, CancellationToken cancellationToken) =>
        _router is not null && Of(tenant).Replica is { } replica
            ? _router.OpenAsync(replica, tenant, cancellationToken)
            : ValueTask.FromResult<NpgsqlConnection?>(null);

    private TenantDatabase Of(TenantId tenant) => _placed.GetValueOrDefault(tenant, _common);
}
