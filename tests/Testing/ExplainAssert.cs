using System.Data;
using System.Data.Common;
using System.Text.Json;
using Npgsql;

namespace Platform.Testing;

/// <summary>Asks the planner how it would run a query as the services' role does: under row-level security, with the tenant set.</summary>
public static class ExplainAssert
{
    private const string SetTenant = "SELECT set_config('app.tenant_id', @platform_tenant::text, true);";

    /// <summary>Fails unless the plan reads every table through an index, and through all of those named.</summary>
    /// <param name="pool">Of role platform_app.</param>
    /// <param name="command">As EF Core makes or sends it: <c>query.CreateDbCommand()</c>, or one of <see cref="SentSql"/>.</param>
    /// <param name="indexes">Names of indexes that have to be in the plan.</param>
    /// <returns>The plan as JSON.</returns>
    /// <exception cref="ExplainException">It isn't so; the message has the query and its plan.</exception>
    public static Task<string> UsesIndexAsync(NpgsqlDataSource pool, Guid tenant, DbCommand command, params string[] indexes) =>
        CheckAsync(pool, tenant, command, indexes, small: false);

    /// <summary>
    /// The same for tables with few rows, which the planner would rather read whole: only a query that no index fits fails.
    /// </summary>
    public static Task<string> CouldUseIndexAsync(NpgsqlDataSource pool, Guid tenant, DbCommand command, params string[] indexes) =>
        CheckAsync(pool, tenant, command, indexes, small: true);

    private static async Task<string> CheckAsync(NpgsqlDataSource pool, Guid tenant, DbCommand command, string[] indexes, bool small)
    {
        var plan = await ExplainAsync(pool, tenant, command, small);
        using var document = JsonDocument.Parse(plan);
        var nodes = Nodes(document.RootElement[0].GetProperty("Plan")).ToList();
        var scanned = nodes.Where(node => Text(node, "Node Type") == "Seq Scan").Select(node => Text(node, "Relation Name"));
        var used = nodes.Select(node => Text(node, "Index Name")).ToHashSet();
        var missing = indexes.Where(index => !used.Contains(index)).ToList();
        if (scanned.FirstOrDefault() is { } table)
            throw new ExplainException($"{table} is read row by row", command.CommandText, plan);
        if (missing.Count > 0)
            throw new ExplainException($"{string.Join(", ", missing)} isn't used", command.CommandText, plan);
        return plan;
    }

    private static async Task<string> ExplainAsync(NpgsqlDataSource pool, Guid tenant, DbCommand command, bool small)
    {
        await using var connection = await pool.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var prepare = new NpgsqlCommand("CALL set_tenant($1)", connection))
        {
            prepare.Parameters.AddWithValue(tenant);
            await prepare.ExecuteNonQueryAsync();
        }
        if (small)
        {
            await using var discourage = new NpgsqlCommand("SET LOCAL enable_seqscan = off", connection);
            await discourage.ExecuteNonQueryAsync();
        }
        var sql = command.CommandText.Replace(SetTenant, "", StringComparison.Ordinal);
#pragma warning disable CA2100 // The query is the one under test.
        await using var explain = new NpgsqlCommand($"EXPLAIN (FORMAT JSON) {sql}", connection);
#pragma warning restore CA2100
        foreach (NpgsqlParameter parameter in command.Parameters)
        {
            if (parameter.ParameterName != "platform_tenant")
                explain.Parameters.Add(parameter.Clone());
        }
        await using var reader = await explain.ExecuteReaderAsync(CommandBehavior.SingleRow);
        await reader.ReadAsync();
        return reader.GetString(0);
    }

    private static IEnumerable<JsonElement> Nodes(JsonElement node)
    {
        yield return node;
        if (!node.TryGetProperty("Plans", out var children))
            yield break;
        foreach (var child in children.EnumerateArray().SelectMany(Nodes))
            yield return child;
    }

    private static string? Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetString() : null;
}
