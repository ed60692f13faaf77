using Npgsql;
using Platform.Data.Placement;
using Platform.Tenancy;

namespace Platform.Worker.CleanUp;

/// <summary>Deletes a batch at a time, as role <c>platform_app</c>: each batch is one round trip and one short transaction.</summary>
internal sealed class CleanUpStore(TenantDatabases databases)
{
    // Ids of so many tenants are held at once.
    private const int TenantsAtOnce = 500;

    /// <summary>The deployment's databases, in an order that only a changed shard map changes.</summary>
    public IReadOnlyList<NpgsqlDataSource> Databases => databases.All;

    /// <summary>The next tenants by id, and how many there are from there on. Index: tenants_pkey.</summary>
    public static async Task<(IReadOnlyList<TenantId> Tenants, long Remaining)> ReadTenantsAsync(
        NpgsqlDataSource database, Guid? after, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT id, remaining FROM clean_up_tenants($1, $2)");
        command.Parameters.Add(new() { Value = (object?)after ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = TenantsAtOnce });
        var (tenants, remaining) = (new List<TenantId>(), 0L);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            tenants.Add(new TenantId(reader.GetGuid(0)));
            remaining = reader.GetInt64(1);
        }
        return (tenants, remaining);
    }

    /// <summary>Takes each step once.</summary>
    /// <returns>Rows deleted, step by step.</returns>
    public async Task<long[]> DeleteAsync(
        NpgsqlDataSource database, TenantId tenant, IReadOnlyList<CleanUpStep> steps, CleanUpOptions options,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var removed = new long[steps.Count];
        await using (var batch = connection.CreateBatch())
        {
            var set = new NpgsqlBatchCommand("CALL set_tenant($1)");
            set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            batch.BatchCommands.Add(set);
            foreach (var step in steps)
            {
                var command = new NpgsqlBatchCommand(step.Sql);
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
                command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = step.Keep(options) });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LimitOf(step, options) });
                batch.BatchCommands.Add(command);
            }
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            for (var i = 0; i < removed.Length; i++)
            {
                await reader.ReadAsync(cancellationToken);
                removed[i] = reader.GetInt64(0);
                await reader.NextResultAsync(cancellationToken);
            }
        }
        // A placed tenant has a row in the common database, too, but nothing that is read from a replica of that.
        if (removed.Any(rows => rows > 0) && databases.For(tenant) == database)
            await databases.WroteAsync(tenant, connection);
        return removed;
    }

    /// <summary>Most rows a step deletes at once.</summary>
    public static int LimitOf(CleanUpStep step, CleanUpOptions options) => Math.Max(1, options.BatchRows / step.Share);
}
