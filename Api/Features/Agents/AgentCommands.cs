using Npgsql;
using Platform.Api.Http;
using Platform.Data;

namespace Platform.Api.Features.Agents;

/// <summary>Changes agents of the current tenant inside a transaction; all by agents_pkey.</summary>
internal static class AgentCommands
{
    public static async Task<ProblemResult?> CreateAsync(
        TenantTransaction transaction, Guid userId, AgentInput input, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.ExecuteAsync(
                "INSERT INTO agents (tenant_id, user_id, status, capacity, skills) VALUES ($1, $2, $3, $4, $5)",
                cancellationToken, userId, input.Status!, input.Capacity!, input.Skills!);
            return null;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Problems.Conflict("This member is an agent already.", "userId");
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return Problems.Invalid("userId", "There is no such member.");
        }
    }

    /// <param name="versions">The versions the agent may have; null for any.</param>
    /// <returns>Whether an agent had the id and such a version.</returns>
    public static async Task<bool> UpdateAsync(
        TenantTransaction transaction, Guid id, AgentInput input, long[]? versions, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            UPDATE agents SET status = $3, capacity = $4, skills = $5, updated_at = now(), version = version + 1
            WHERE tenant_id = $1 AND user_id = $2 AND ($6::bigint[] IS NULL OR version = ANY ($6))
            """,
            cancellationToken, id, input.Status!, input.Capacity!, input.Skills!, TenantStatements.VersionsParameter(versions)) == 1;

    /// <param name="versions">The versions the agent may have; null for any.</param>
    public static async Task<bool> DeleteAsync(
        TenantTransaction transaction, Guid id, long[]? versions, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            "DELETE FROM agents WHERE tenant_id = $1 AND user_id = $2 AND ($3::bigint[] IS NULL OR version = ANY ($3))",
            cancellationToken, id, TenantStatements.VersionsParameter(versions)) == 1;
}
