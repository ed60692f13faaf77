using Npgsql;
using Platform.Api.Http;
using Platform.Data;

namespace Platform.Api.Features.Teams;

/// <summary>Changes teams of the current tenant inside a transaction; all by primary keys.</summary>
internal static class TeamCommands
{
    /// <returns>The team's id, or the conflict with another one's name.</returns>
    public static async Task<(Guid Id, ProblemResult? Problem)> CreateAsync(
        TenantTransaction transaction, TeamInput input, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        try
        {
            await transaction.ExecuteAsync(
                "INSERT INTO teams (tenant_id, id, name, description) VALUES ($1, $2, $3, $4)",
                cancellationToken, id, input.Name!, input.Description!);
            return (id, null);
        }
        catch (PostgresException exception) when (Duplicate(exception) is { } problem)
        {
            return (default, problem);
        }
    }

    /// <param name="versions">The versions the team may have; null for any.</param>
    /// <returns>Whether a team had the id and such a version.</returns>
    public static async Task<(bool Found, ProblemResult? Problem)> UpdateAsync(
        TenantTransaction transaction, Guid id, TeamInput input, long[]? versions, CancellationToken cancellationToken)
    {
        try
        {
            return (await transaction.ExecuteAsync(
                """
                UPDATE teams SET name = $3, description = $4, updated_at = now(), version = version + 1
                WHERE tenant_id = $1 AND id = $2 AND ($5::bigint[] IS NULL OR version = ANY ($5))
                """,
                cancellationToken, id, input.Name!, input.Description!, TenantStatements.VersionsParameter(versions)) == 1, null);
        }
        catch (PostgresException exception) when (Duplicate(exception) is { } problem)
        {
            return (true, problem);
        }
    }

    /// <param name="versions">The versions the team may have; null for any.</param>
    public static async Task<bool> DeleteAsync(
        TenantTransaction transaction, Guid id, long[]? versions, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            "DELETE FROM teams WHERE tenant_id = $1 AND id = $2 AND ($3::bigint[] IS NULL OR version = ANY ($3))",
            cancellationToken, id, TenantStatements.VersionsParameter(versions)) == 1;

    /// <returns>False when there is no such team or member of the tenant.</returns>
    public static async Task<bool> AddMemberAsync(
        TenantTransaction transaction, Guid id, Guid userId, CancellationToken cancellationToken)
    {
        try
        {
            if (await transaction.ExecuteAsync(
                "INSERT INTO team_members (tenant_id, team_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                cancellationToken, id, userId) == 1)
                await TouchAsync(transaction, id, cancellationToken);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return false;
        }
    }

    /// <returns>False when there is no such team or it has no such member.</returns>
    public static async Task<bool> RemoveMemberAsync(
        TenantTransaction transaction, Guid id, Guid userId, CancellationToken cancellationToken)
    {
        if (await transaction.ExecuteAsync(
            "DELETE FROM team_members WHERE tenant_id = $1 AND team_id = $2 AND user_id = $3",
            cancellationToken, id, userId) == 0)
            return false;
        await TouchAsync(transaction, id, cancellationToken);
        return true;
    }

    /// <summary>A team's answer says how many members it has, so its version is another one now.</summary>
    private static Task<int> TouchAsync(TenantTransaction transaction, Guid id, CancellationToken cancellationToken) => transaction.ExecuteAsync("UPDATE teams SET updated_at = now(), version = version + 1 WHERE tenant_id = $1 AND id = $2", cancellationToken, id);

    private static ProblemResult? Duplicate(PostgresException exception) =>
        exception.SqlState == PostgresErrorCodes.UniqueViolation ? Problems.Conflict("Another team has this name.", "name") : null;
}
