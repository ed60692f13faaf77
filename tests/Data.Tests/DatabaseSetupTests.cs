using Npgsql;
using Platform.Data.Schema;
using Platform.Testing;

namespace Platform.Data.Tests;

public sealed class DatabaseSetupTests
{
    [Fact]
    [Trait("Req", "J3")]
    public async Task EnsureExists_several_at_once_create_it_once()
    {
        var server = await PostgresServer.GetAsync();
        var target = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = $"new \"db\" {Guid.CreateVersion7():N}" };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DatabaseSetup.EnsureExistsAsync(target, CancellationToken.None)));

        await using var connection = new NpgsqlConnection(target.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT current_database()", connection);
        Assert.Equal(target.Database, await command.ExecuteScalarAsync());
    }
}
