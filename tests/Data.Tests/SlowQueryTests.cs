using Npgsql;

namespace Platform.Data.Tests;

[Trait("Req", "D9")]
public sealed class SlowQueryTests : IAsyncLifetime
{
    private readonly PlatformDatabase _database = new();

    public Task InitializeAsync() => _database.InitializeAsync();

    public Task DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task List_without_the_extension_says_so_and_migrations_bring_it()
    {
        await using var admin = _database.CreateAdminPool();
        await using var app = _database.CreateAppPool();
        Assert.True(await AvailableAsync(app));

        await RunAsync(admin, "DROP EXTENSION pg_stat_statements");
        Assert.False(await AvailableAsync(app));

        await PlatformDatabase.MigrateAsync(_database.AdminConnectionString);
        Assert.True(await AvailableAsync(app));
    }

    [Fact]
    public async Task List_is_closed_to_who_is_no_operator_and_the_figures_to_the_services()
    {
        await using var app = _database.CreateAppPool();
        await using var admin = _database.CreateAdminPool();
        await using var find = admin.CreateCommand("SELECT id FROM users WHERE email = 'admin@acme.example'");
        var member = (Guid)(await find.ExecuteScalarAsync())!;

        foreach (var sql in new[]
        {
            $"SELECT * FROM operator_slow_queries('{member}', 10, now())",
            "SELECT * FROM operator_slow_queries(NULL, 10, now())",
            "SELECT count(*) FROM statements.pg_stat_statements",
        })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(app, sql));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    private async Task<bool> AvailableAsync(NpgsqlDataSource app)
    {
        await using var admin = _database.CreateAdminPool();
        await using var find = admin.CreateCommand("SELECT id FROM users WHERE is_operator");
        await using var command = app.CreateCommand("SELECT bool_and(available) FROM operator_slow_queries($1, 10, now())");
        command.Parameters.AddWithValue((Guid)(await find.ExecuteScalarAsync())!);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
