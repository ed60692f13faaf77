using Platform.Data;

namespace Platform.Api.Http;

/// <summary>Statements of one tenant's transaction.</summary>
internal static class TenantStatements
{
    /// <summary>Runs a statement whose first parameter is the tenant.</summary>
    /// <returns>How many rows it changed.</returns>
    public static async Task<int> ExecuteAsync(
        this TenantTransaction transaction, string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = transaction.CreateCommand(sql);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The versions of <see cref="EntityVersion.Required"/> as a parameter: <c>$n::bigint[] IS NULL OR version = ANY ($n)</c>.</summary>
    public static object VersionsParameter(long[]? versions) => (object?)versions ?? DBNull.Value;
}
