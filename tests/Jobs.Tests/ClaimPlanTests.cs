using System.Text.RegularExpressions;
using Npgsql;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Tests;

/// <summary>A claim reads nothing from end to end, whatever stands in the tables.</summary>
[Trait("Req", "F6")]
public sealed partial class ClaimPlanTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private const string Few = "1, '{}', 32, '{}'";

    [Theory]
    [InlineData("pending_claim")]
    [InlineData("pending_pkey")]
    [InlineData("slots_pkey")]
    [InlineData("job_pkey")]
    [InlineData("workers_pkey")]
    [InlineData("queues_pkey")]
    [InlineData("paused_tenants_pkey")]
    public async Task Claim_uses_the_index(string index) =>
        Assert.Contains($" using {index} ", await PlanAsync(JobSql.Claim), StringComparison.Ordinal);

    [Theory]
    [InlineData("pending_claim")]
    [InlineData("pending_pkey")]
    [InlineData("job_pkey")]
    [InlineData("workers_pkey")]
    [InlineData("queues_pkey")]
    public async Task Claim_of_few_uses_the_index(string index) =>
        Assert.Contains($" using {index} ", await PlanAsync(JobSql.ClaimFew, Few), StringComparison.Ordinal);

    [Fact]
    public async Task Weighed_claim_uses_the_weights_index() =>
        Assert.Contains(" using tenant_weights_pkey ", await PlanAsync(JobSql.ClaimWeighed), StringComparison.Ordinal);

    [Fact]
    public async Task Limited_claim_counts_by_the_limits_key() =>
        Assert.Contains(" using rate_limits_pkey ", await PlanAsync(JobSql.ClaimLimited), StringComparison.Ordinal);

    /// <summary>But for the one that is asked whether it has any row.</summary>
    [Fact]
    public async Task Claims_scan_no_table()
    {
        Assert.Empty(Scans().Matches(await PlanAsync(JobSql.ClaimFew, Few)).Select(match => match.Groups[1].Value).Except(["paused_tenants"]));
        foreach (var sql in (string[])[JobSql.Claim, JobSql.ClaimWeighed, JobSql.ClaimLimited])
            Assert.Empty(Scans().Matches(await PlanAsync(sql)).Select(match => match.Groups[1].Value).Except(["paused_tenants"]));
    }

    /// <summary>What isn't in use isn't even looked for.</summary>
    [Fact]
    public async Task Claim_without_weights_and_limits_does_not_know_them()
    {
        var plan = await PlanAsync(JobSql.Claim);

        Assert.DoesNotContain("tenant_weights", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("rate_limits", plan, StringComparison.Ordinal);
    }

    private async Task<string> PlanAsync(string sql, string parameters = "1, '{}', '{}', '{}', '{}', '{}', '{}', '{}'")
    {
        await using var connection = new NpgsqlConnection(database.QueueConnectionString);
        await connection.OpenAsync();
        // The tables are all but empty here; without this the planner would rather read them whole.
        await using (var prepare = new NpgsqlCommand("SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan", connection))
            await prepare.ExecuteNonQueryAsync();
#pragma warning disable CA2100 // The library's own statement.
        await using (var prepare = new NpgsqlCommand("PREPARE claim AS " + sql, connection))
#pragma warning restore CA2100
            await prepare.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand($"EXPLAIN EXECUTE claim ({parameters})", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    [GeneratedRegex(@"Seq Scan on (?:jobs\.)?(\w+)")]
    private static partial Regex Scans();
}
