using Npgsql;

namespace Platform.Data.Tests;

/// <summary>What the queue knows of plans.</summary>
[Trait("Req", "F6")]
public sealed class JobWeightTests(PlatformDatabase database) : IClassFixture<PlatformDatabase>, IAsyncLifetime
{
    private readonly NpgsqlDataSource _admin = database.CreateAdminPool();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _admin.DisposeAsync();

    [Fact]
    public async Task Weight_follows_the_plan_wherever_it_is_assigned()
    {
        var tenant = Guid.CreateVersion7();
        await ExecuteAsync("INSERT INTO tenants (id, slug, name, plan) VALUES ($1, 'weighed', 'Weighed', 'free')", tenant);
        Assert.Equal(1, await WeightAsync(tenant));

        await using var pool = database.CreateAppPool();
        await using (var connection = await pool.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var command = new NpgsqlCommand("CALL set_tenant($1)", connection);
            command.Parameters.AddWithValue(tenant);
            await command.ExecuteNonQueryAsync();
            await using var change = new NpgsqlCommand("CALL change_plan('enterprise')", connection);
            await change.ExecuteNonQueryAsync();
            Assert.Equal(1, await WeightAsync(tenant));
            await transaction.CommitAsync();
        }
        Assert.Equal(4, await WeightAsync(tenant));

        await ExecuteAsync("UPDATE tenants SET plan = 'pro' WHERE id = $1", tenant);
        Assert.Equal(2, await WeightAsync(tenant));
        await ExecuteAsync("DELETE FROM tenants WHERE id = $1", tenant);
        Assert.Equal(1, await WeightAsync(tenant));
    }

    [Fact]
    public async Task Migrating_brings_weights_in_line_with_the_plans()
    {
        var gone = Guid.CreateVersion7();
        var right = await WeightsAsync();
        Assert.NotEmpty(right);
        await ExecuteAsync("DELETE FROM jobs.tenant_weights");
        await ExecuteAsync("INSERT INTO jobs.tenant_weights (tenant_id, weight) VALUES ($1, 7)", gone);

        await PlatformDatabase.MigrateAsync(database.AdminConnectionString);

        Assert.Equal(right, await WeightsAsync());
    }

    [Fact]
    public async Task Services_can_neither_read_nor_set_weights()
    {
        await using var pool = database.CreateAppPool();
        foreach (var sql in (string[])["SELECT * FROM jobs.tenant_weights", "SELECT jobs.set_weight(gen_random_uuid(), 9)", "SELECT align_job_weights()"])
        {
            await using var command = pool.CreateCommand(sql);
            var refused = await Assert.ThrowsAsync<PostgresException>(command.ExecuteNonQueryAsync);
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    private async Task<int> WeightAsync(Guid tenant)
    {
        await using var command = _admin.CreateCommand("SELECT weight::integer FROM jobs.tenant_weights WHERE tenant_id = $1");
        command.Parameters.AddWithValue(tenant);
        return await command.ExecuteScalarAsync() as int? ?? 1;
    }

    private async Task<string> WeightsAsync()
    {
        await using var command = _admin.CreateCommand("SELECT coalesce(string_agg(tenant_id || '=' || weight, ' ' ORDER BY tenant_id), '') FROM jobs.tenant_weights");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = _admin.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        await command.ExecuteNonQueryAsync();
    }
}
