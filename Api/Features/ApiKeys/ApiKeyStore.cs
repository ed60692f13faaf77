using Npgsql;
using NpgsqlTypes;
using Platform.Api.Http;
using Platform.Data;

namespace Platform.Api.Features.ApiKeys;

/// <summary>Reads and changes the keys of the current tenant. The hash can be written but not read.</summary>
internal static class ApiKeyStore
{
    /// <summary>One row more than the page, newest first. Index: api_keys_live_idx.</summary>
    public static async Task<IReadOnlyList<ApiKeyResponse>> ListAsync(
        TenantTransaction transaction, ListQuestion ask, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            $"""
            SELECT id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at FROM api_keys
            WHERE tenant_id = $1 AND revoked_at IS NULL{(ask.After is null ? "" : " AND (created_at, id) < ($4, $5)")}
            ORDER BY created_at DESC, id DESC OFFSET $2 LIMIT $3
            """);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(ask.Skip);
        command.Parameters.AddWithValue(ask.Take);
        if (ask.After is { } cursor)
        {
            command.Parameters.AddWithValue(cursor.CreatedAt);
            command.Parameters.AddWithValue(cursor.Id);
        }
        var rows = new List<ApiKeyResponse>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new ApiKeyResponse(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<string[]>(3),
                reader.GetFieldValue<Guid?>(4), reader.GetFieldValue<DateTimeOffset>(5),
                reader.GetFieldValue<DateTimeOffset?>(6), reader.GetFieldValue<DateTimeOffset?>(7)));
        }
        return rows;
    }

    /// <summary>At most as many as a tenant may have. Index: api_keys_live_idx.</summary>
    public static async Task<long> CountAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand("SELECT count(*) FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL");
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public static async Task AddAsync(
        TenantTransaction transaction, CreatedApiKeyResponse key, byte[] hash, Guid? createdBy, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            """
            INSERT INTO api_keys (tenant_id, id, name, prefix, key_hash, scopes, created_by, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(key.Id);
        command.Parameters.AddWithValue(key.Name);
        command.Parameters.AddWithValue(key.Prefix);
        command.Parameters.AddWithValue(hash);
        command.Parameters.AddWithValue(key.Scopes.ToArray());
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Uuid, Value = (object?)createdBy ?? DBNull.Value });
        command.Parameters.AddWithValue(key.CreatedAt);
        command.Parameters.Add(
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)key.ExpiresAt?.ToUniversalTime() ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>False when there is no such live key. Index: api_keys_pkey.</returns>
    public static async Task<bool> RevokeAsync(
        TenantTransaction transaction, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL");
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(now);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
