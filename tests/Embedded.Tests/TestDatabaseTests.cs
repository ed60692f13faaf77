using System.Diagnostics;
using Npgsql;
using Platform.Testing;

namespace Platform.Embedded.Tests;

public sealed class TestDatabaseTests(Xunit.Abstractions.ITestOutputHelper output)
{
    [Fact]
    public async Task CreateAsync_same_template_migrates_once_and_isolates()
    {
        var migrations = 0;
        async Task Migrate(string connectionString)
        {
            Interlocked.Increment(ref migrations);
            await ExecuteAsync(connectionString, "CREATE TABLE things(id int)");
        }

        var clock = Stopwatch.StartNew();
        await using var first = await TestDatabase.CreateAsync("things", Migrate);
        output.WriteLine($"first {clock.ElapsedMilliseconds} ms");
        clock.Restart();
        await using var second = await TestDatabase.CreateAsync("things", Migrate);
        output.WriteLine($"second {clock.ElapsedMilliseconds} ms");
        await ExecuteAsync(first.ConnectionString, "INSERT INTO things VALUES (1)");

        Assert.Equal(1, migrations);
        await using var source = NpgsqlDataSource.Create(second.ConnectionString);
        await using var command = source.CreateCommand("SELECT count(*) FROM things");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
