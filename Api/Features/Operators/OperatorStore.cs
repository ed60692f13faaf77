using Npgsql;
using NpgsqlTypes;
using Platform.Api.Http;
using Platform.Data.Placement;
using Platform.Tenancy;

namespace Platform.Api.Features.Operators;

/// <summary>
/// The only reads and writes across tenants: database functions that check that the caller is an operator, and record the
/// use in the same statement (0015_members.sql).
/// </summary>
internal sealed class OperatorStore(NpgsqlDataSource dataSource, DirectoryCopies copies, TimeProvider time)
{
    /// <summary>One row more than the page, newest first.</summary>
    public async Task<IReadOnlyList<OperatedTenant>> ListAsync(
        Guid operatorId, ListQuestion ask, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT id, slug, name, plan, suspended_at, created_at, members FROM operator_list_tenants($1, $2, $3, $4, $5, $6)
            """);
        command.Parameters.AddWithValue(operatorId);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)ask.AfterCreatedAt ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Uuid, Value = (object?)ask.AfterId ?? DBNull.Value });
        command.Parameters.AddWithValue(ask.Skip);
        command.Parameters.AddWithValue(ask.Take);
        command.Parameters.AddWithValue(time.GetUtcNow());
        var tenants = new List<OperatedTenant>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            tenants.Add(new OperatedTenant(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset?>(4), reader.GetFieldValue<DateTimeOffset>(5), reader.GetInt64(6)));
        }
        return tenants;
    }

    public async Task<long> CountAsync(Guid operatorId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT operator_count_tenants($1)");
        command.Parameters.AddWithValue(operatorId);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <param name="action"><c>suspend</c>, <c>resume</c> or <c>plan</c>.</param>
    /// <returns>False when there is no such tenant.</returns>
    public async Task<bool> ChangeAsync(Guid operatorId, Guid tenant, string action, string? plan, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT operator_change_tenant($1, $2, $3, $4, $5)");
        command.Parameters.AddWithValue(operatorId);
        command.Parameters.AddWithValue(tenant);
        command.Parameters.AddWithValue(action);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)plan ?? DBNull.Value });
        command.Parameters.AddWithValue(time.GetUtcNow());
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            return false;
        await copies.RefreshAsync(new TenantId(tenant));
        return true;
    }
}
