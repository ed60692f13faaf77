using System.Security.Claims;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.Data;

namespace Platform.Api.Features.Auth;

/// <summary>Writes what somebody did to the tenant's audit log, in the transaction that does it.</summary>
internal static class AuditLog
{
    /// <param name="transaction">What is done.</param>
    /// <param name="actor">Who does it; of a machine the key's id goes into the detail.</param>
    /// <param name="action">A verb behind its object: <c>api-key.create</c>.</param>
    /// <param name="subject">The id of what it is done to.</param>
    /// <param name="detail">No secrets; it is kept for ever.</param>
    public static async Task AddAsync(
        TenantTransaction transaction, ClaimsPrincipal actor, string action, string? subject, object? detail,
        CancellationToken cancellationToken)
    {
        var by = PlatformPrincipal.From(actor);
        var json = by.ApiKeyId is { } key
            ? JsonSerializer.Serialize(new { apiKeyId = key, detail }, JsonSerializerOptions.Web)
            : detail is null ? null : JsonSerializer.Serialize(detail, JsonSerializerOptions.Web);
        await using var command = transaction.CreateCommand(
            "INSERT INTO audit_log (tenant_id, id, actor_id, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)");
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(Guid.CreateVersion7());
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Uuid, Value = (object?)by.UserId ?? DBNull.Value });
        command.Parameters.AddWithValue(action);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)subject ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = (object?)json ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
