using Npgsql;

namespace Platform.Data.Billing;

/// <summary>Counts what a tenant uses in a month, as it happens.</summary>
public static class Usage
{
    /// <summary>One more of something no plan limits. The count is locked until the transaction ends. Index: usage_counters_pkey.</summary>
    /// <param name="metric">One of <see cref="UsageMetrics"/>.</param>
    public static async Task CountAsync(TenantTransaction transaction, string metric, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateTenantCommand(
            """
            INSERT INTO usage_counters AS used (tenant_id, metric, period, value)
            VALUES ($1, $2, date_trunc('month', now() AT TIME ZONE 'UTC')::date, 1)
            ON CONFLICT (tenant_id, metric, period) DO UPDATE SET value = used.value + 1
            """,
            metric);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Counts one sent message, if the plan allows it; as the last thing of the transaction.</summary>
    /// <returns>Null when it does; else what is used and allowed.</returns>
    public static async Task<(long Used, long Allowed)?> TakeMessageAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand("SELECT taken, used, allowed FROM use_messages(1)");
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return row.GetBoolean(0) ? null : (row.GetInt64(1), row.GetInt64(2));
    }

    /// <summary>How many contacts there are and may be, locked near the limit until the transaction ends; call it before any are added.</summary>
    /// <param name="wanted">How many are to be added.</param>
    /// <returns>Allowed is null without a limit.</returns>
    public static async Task<(long Used, long? Allowed)> ContactsAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, int wanted, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT used, allowed FROM contact_room($1)", connection, transaction);
        command.Parameters.AddWithValue(wanted);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetFieldValue<long?>(1));
    }
}
