using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data.Schema;
using Platform.Testing;

namespace Platform.Data.Tests;

[Trait("Req", "J3")]
public sealed class MigrationTests : IAsyncLifetime
{
    private TestDatabase? _database;

    private TestDatabase Database => _database!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await Database.DisposeAsync();

    [Fact]
    public async Task Run_again_changes_nothing()
    {
        await PlatformDatabase.MigrateAsync(Database.ConnectionString);
        var before = await StateAsync();

        await PlatformDatabase.MigrateAsync(Database.ConnectionString);

        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task Run_by_three_at_once_applies_each_file_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => PlatformDatabase.MigrateAsync(Database.ConnectionString))));

        Assert.Equal(
            (long)PlatformMigrations.DataSource.Scripts.Count,
            await ScalarAsync<long>("SELECT count(*) FROM schema_migrations WHERE source = 'data'"));
        Assert.Equal(45L, await ScalarAsync<long>("SELECT count(*) FROM contacts"));
    }

    [Fact]
    public async Task Run_on_two_databases_of_one_server_at_once_succeeds()
    {
        await using var other = await TestDatabase.CreateAsync();

        await Task.WhenAll(
            PlatformDatabase.MigrateAsync(Database.ConnectionString), PlatformDatabase.MigrateAsync(other.ConnectionString));
    }

    [Fact]
    public async Task Run_with_a_changed_file_is_refused_and_applies_nothing()
    {
        await RunAsync(Source("CREATE TABLE one (id int)"));

        var error = await Assert.ThrowsAsync<MigrationException>(
            () => RunAsync(Source("CREATE TABLE one (id bigint)", "CREATE TABLE two (id int)")));

        Assert.Contains("test/0001_step", error.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'two'"));
    }

    [Fact]
    public async Task Run_of_a_stepwise_file_builds_indexes_concurrently_while_others_wait_their_turn()
    {
        const string Table = "CREATE TABLE one (id int)";
        const string Steps =
            MigrationScript.StepwiseMark + "\nDROP INDEX CONCURRENTLY IF EXISTS one_id;\nCREATE INDEX CONCURRENTLY one_id ON one (id);\n";

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => RunAsync(Source(Table, Steps)))));

        Assert.Equal(1L, await ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'one_id'"));
        Assert.Equal(2L, await ScalarAsync<long>("SELECT count(*) FROM schema_migrations WHERE source = 'test'"));
    }

    [Fact]
    public async Task Run_applies_a_file_that_came_late_with_a_lower_number()
    {
        static MigrationSource Numbered(params int[] versions) =>
            new("test", versions.Select(version => new MigrationScript(version, "step", $"CREATE TABLE t{version} (id int)")));
        await RunAsync(Numbered(1, 5));

        await RunAsync(Numbered(1, 3, 5));

        Assert.Equal(3L, await ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname IN ('t1', 't3', 't5')"));
    }

    [Fact]
    public async Task Run_with_other_line_endings_is_the_same_file()
    {
        await RunAsync(Source("CREATE TABLE one\n(id int)"));

        await RunAsync(Source("CREATE TABLE one\r\n(id int)"));
    }

    [Fact]
    public async Task Run_with_a_failing_file_names_it_and_keeps_the_ones_before()
    {
        var error = await Assert.ThrowsAsync<MigrationException>(
            () => RunAsync(Source("CREATE TABLE one (id int)", "CREATE TABLE two (id int); SELECT nonsense")));

        Assert.Contains("test/0002_step: column \"nonsense\" does not exist", error.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname IN ('one', 'two')"));
        Assert.Equal(1L, await ScalarAsync<long>("SELECT count(*) FROM schema_migrations WHERE source = 'test'"));
    }

    [Fact]
    public async Task Run_of_an_earlier_release_leaves_later_migrations_alone()
    {
        await RunAsync(Source("CREATE TABLE one (id int)", "CREATE TABLE two (id int)"));

        await RunAsync(Source("CREATE TABLE one (id int)"));
    }

    [Fact]
    public async Task Run_by_an_administrator_who_is_no_superuser_succeeds()
    {
        var admin = $"admin_{Guid.NewGuid():N}";
        // The roles may exist already, made by the superuser of other tests: this administrator may then manage them.
        await PlatformDatabase.MigrateAsync(Database.ConnectionString);
        await using var database = await TestDatabase.CreateAsync();
        await ScalarAsync<object>(
            $"""
            CREATE ROLE {admin} LOGIN CREATEROLE PASSWORD 'x';
            GRANT platform_owner, platform_app, platform_queue TO {admin} WITH ADMIN OPTION;
            ALTER DATABASE "{database.Name}" OWNER TO {admin};
            SELECT 1
            """);
        try
        {
            await PlatformDatabase.MigrateAsync(database.ConnectionStringFor(admin, "x"));

            await using var pool = NpgsqlDataSource.Create(database.ConnectionStringFor(PlatformRoles.App, PlatformDatabase.AppPassword));
            await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
            Assert.Equal(40, await Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.CountAsync(db.Contacts));
            Assert.Empty(await Security.RowSecurityCheck.FindViolationsAsync(pool, default));
        }
        finally
        {
            await ScalarAsync<object>($"ALTER DATABASE \"{database.Name}\" OWNER TO CURRENT_USER; SELECT 1");
            await using var inside = NpgsqlDataSource.Create(database.ConnectionString);
            await using var drop = inside.CreateCommand($"REASSIGN OWNED BY {admin} TO CURRENT_USER; DROP OWNED BY {admin}");
            await drop.ExecuteNonQueryAsync();
        }
    }

    [Theory]
    [InlineData("", "queue-password-1")]
    [InlineData("app-password-1", "short")]
    [InlineData("with space in it", "queue-password-1")]
    public async Task Run_without_usable_passwords_is_refused(string app, string queue) =>
        await Assert.ThrowsAsync<System.ComponentModel.DataAnnotations.ValidationException>(() => PlatformMigrations.RunAsync(
            Database.ConnectionString, new MigrationOptions { AppPassword = app, QueuePassword = queue }, [], NullLogger.Instance));

    [Fact]
    public void Source_with_two_files_of_one_number_is_refused() => Assert.Throws<ArgumentException>(
        () => new MigrationSource("test", [new(1, "a", "SELECT 1"), new(1, "b", "SELECT 1")]));

    private static MigrationSource Source(params string[] scripts) =>
        new("test", scripts.Select((sql, i) => new MigrationScript(i + 1, "step", sql)));

    private Task RunAsync(MigrationSource source) => PlatformMigrations.RunAsync(
        Database.ConnectionString,
        new MigrationOptions { AppPassword = PlatformDatabase.AppPassword, QueuePassword = PlatformDatabase.QueuePassword },
        [source],
        NullLogger.Instance);

    private async Task<string> StateAsync() => await ScalarAsync<string>(
        """
        SELECT (SELECT string_agg(m::text, ';' ORDER BY m) FROM schema_migrations m)
            || (SELECT count(*) FROM contacts) || (SELECT count(*) FROM users)
        """);

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
