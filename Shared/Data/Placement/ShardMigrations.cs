using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Platform.Data.Schema;
using Platform.Tenancy;

namespace Platform.Data.Placement;

/// <summary>Brings the databases of placed tenants to this release, and makes their tenants known there.</summary>
public static class ShardMigrations
{
    /// <param name="commonConnectionString">The administrator's of the common database, which is of this release already.</param>
    /// <param name="configuration">Holds the administrators' connection strings: <c>{name}-owner</c>.</param>
    /// <param name="options">Passwords of the service roles. Demo data goes to the common database only.</param>
    /// <exception cref="InvalidOperationException">A tenant's id or a connection string is wrong or missing.</exception>
    /// <exception cref="MigrationException">A database can't be brought to this release.</exception>
    public static async Task RunAsync(
        string commonConnectionString,
        ShardOptions shards,
        IConfiguration configuration,
        MigrationOptions options,
        IReadOnlyList<MigrationSource> extraSources,
        ILogger logger,
        CancellationToken cancellationToken = default)
    {
        var schemaOnly = new MigrationOptions
        {
            AppPassword = options.AppPassword, QueuePassword = options.QueuePassword, BackupPassword = options.BackupPassword,
        };
        foreach (var shard in shards.Tenants.GroupBy(placed => placed.Value, placed => placed.Key))
        {
            if (shard.Key.Equals(PlatformDataExtensions.ConnectionName, StringComparison.OrdinalIgnoreCase))
                continue;
            var owner = configuration.GetConnectionString($"{shard.Key}-owner");
            if (string.IsNullOrWhiteSpace(owner))
            {
                throw new InvalidOperationException(
                    $"ConnectionStrings:{shard.Key}-owner is not set: an administrator's connection string is needed for the tenants placed there.");
            }
            await PlatformMigrations.RunAsync(owner, schemaOnly, extraSources, logger, cancellationToken);
            foreach (var id in shard)
            {
                if (!TenantId.TryParse(id, out var tenant))
                    throw new InvalidOperationException($"{ShardOptions.Section}:Tenants:{id} is not a tenant's id.");
                await TenantDirectory.CopyAsync(commonConnectionString, owner, tenant, cancellationToken);
            }
        }
    }
}
