using Npgsql;
using Platform.Caching;
using Platform.Tenancy;

namespace Platform.Api.Features.RateLimits;

/// <summary>Tenants' plans, cached for 5 minutes; invalidate <see cref="Tag"/> when one changes.</summary>
internal sealed partial class TenantPlans(TenantCache cache, NpgsqlDataSource dataSource, ILogger<TenantPlans> logger)
{
    public static CacheTag Tag(TenantId tenant) => CacheTag.For(tenant, "plan");

    public static Plan? Parse(string? name) => name switch
    {
        "free" => Plan.Free,
        "pro" => Plan.Pro,
        "enterprise" => Plan.Enterprise,
        _ => null,
    };

    /// <returns>Null when it can't be read or the tenant doesn't exist.</returns>
    public async Task<Plan?> FindAsync(TenantId tenant)
    {
        try
        {
            var key = CacheKey.Create(tenant, CacheKinds.TenantPlan, [Tag(tenant)]);
            return Parse((await cache.GetOrCreateAsync(key, token => ReadAsync(tenant, token))).Value);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogUnknown(exception);
            return null;
        }
    }

    /// <summary>Index: tenants_pkey.</summary>
    private async Task<string?> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        var setTenant = new NpgsqlBatchCommand("CALL set_tenant($1)");
        setTenant.Parameters.AddWithValue(tenant.Value);
        var select = new NpgsqlBatchCommand("SELECT plan FROM tenants WHERE id = $1");
        select.Parameters.AddWithValue(tenant.Value);
        batch.BatchCommands.Add(setTenant);
        batch.BatchCommands.Add(select);
        return (string?)await batch.ExecuteScalarAsync(cancellationToken);
    }

    [LoggerMessage(2021, LogLevel.Warning, "A tenant's plan can't be read; its limit stays what it was")]
    private partial void LogUnknown(Exception exception);
}
