using Npgsql;

namespace Platform.Embedded.Tests;

[Trait("Req", "A1")]
public sealed class EmbeddedPostgresTests
{
    [Fact]
    public async Task Start_ephemeral_answers_and_leaves_nothing()
    {
        string folder;
        await using (var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Ephemeral = true }))
        {
            folder = server.DataFolder;
            Assert.True(Directory.Exists(folder));
            await using var source = NpgsqlDataSource.Create(server.ConnectionString);
            await using var command = source.CreateCommand("SELECT current_setting('fsync') || current_setting('max_connections') || current_setting('shared_preload_libraries')");
            Assert.Equal("off200pg_stat_statements", await command.ExecuteScalarAsync());
        }
        Assert.False(Directory.Exists(folder));
    }
}
