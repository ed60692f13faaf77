using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Data.Security;

namespace Platform.Data.Tests;

[Trait("Req", "B2")]
public sealed class RowSecurityCheckTests(PlatformDatabase database) : IClassFixture<PlatformDatabase>
{
    [Fact]
    public async Task Check_passes_for_the_services_role()
    {
        await using var pool = database.CreateAppPool();

        Assert.Empty(await RowSecurityCheck.FindViolationsAsync(pool, default));
    }

    [Fact]
    public async Task Check_refuses_a_superuser()
    {
        await using var pool = database.CreateAdminPool();

        Assert.Contains(await RowSecurityCheck.FindViolationsAsync(pool, default), v => v.Contains("superuser", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CREATE ROLE {0} LOGIN PASSWORD 'x' IN ROLE platform_owner", "who owns")]
    [InlineData("CREATE ROLE {0} LOGIN BYPASSRLS PASSWORD 'x' IN ROLE platform_app", "bypass")]
    public async Task Check_refuses_a_role_that_can_get_round_it(string create, string expected)
    {
        var role = $"check_{Guid.NewGuid():N}";
        await using var admin = database.CreateAdminPool();
        await ExecuteAsync(admin, string.Format(null, create, role));
        try
        {
            await using var pool = NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(database.AppConnectionString) { Username = role, Password = "x" });
            Assert.Contains(await RowSecurityCheck.FindViolationsAsync(pool, default), v => v.Contains(expected, StringComparison.Ordinal));
        }
        finally
        {
            await ExecuteAsync(admin, $"DROP ROLE {role}");
        }
    }

    [Theory]
    [InlineData("CREATE TABLE oops (tenant_id uuid); GRANT SELECT ON oops TO platform_app", "DROP TABLE oops", "oops")]
    [InlineData("ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY", "ALTER TABLE contacts FORCE ROW LEVEL SECURITY", "contacts")]
    [InlineData("ALTER TABLE contacts DISABLE ROW LEVEL SECURITY", "ALTER TABLE contacts ENABLE ROW LEVEL SECURITY", "contacts")]
    [InlineData("DROP POLICY tenant_isolation ON messages",
        "CALL protect_tenant_table('messages')", "messages has no policy")]
    [InlineData("CREATE POLICY wide ON imports USING (true)", "DROP POLICY wide ON imports", "imports")]
    [InlineData("GRANT TRUNCATE ON contacts TO platform_app", "REVOKE TRUNCATE ON contacts FROM platform_app", "truncated")]
    [InlineData("CREATE VIEW peek AS SELECT * FROM contacts; GRANT SELECT ON peek TO platform_app", "DROP VIEW peek", "peek")]
    public async Task Check_refuses_a_schema_with_a_hole(string make, string undo, string expected)
    {
        await using var admin = database.CreateAdminPool();
        await ExecuteAsync(admin, $"SET ROLE platform_owner; {make}");
        try
        {
            await using var pool = database.CreateAppPool();
            Assert.Contains(expected, Assert.Single(await RowSecurityCheck.FindViolationsAsync(pool, default)), StringComparison.Ordinal);
        }
        finally
        {
            await ExecuteAsync(admin, undo);
        }
    }

    [Fact]
    public async Task Check_refuses_a_role_that_owns_a_table()
    {
        await using var admin = database.CreateAdminPool();
        await ExecuteAsync(admin, "ALTER TABLE teams OWNER TO platform_app");
        try
        {
            await using var pool = database.CreateAppPool();
            Assert.Contains(
                await RowSecurityCheck.FindViolationsAsync(pool, default), v => v.EndsWith("who owns public.teams", StringComparison.Ordinal));
        }
        finally
        {
            await ExecuteAsync(admin, "ALTER TABLE teams OWNER TO platform_owner; REVOKE ALL ON teams FROM platform_app");
            await ExecuteAsync(admin, "SET ROLE platform_owner; GRANT SELECT, INSERT, UPDATE, DELETE ON teams TO platform_app");
        }
    }

    [Fact]
    public async Task Host_with_the_owners_connection_does_not_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            [new("ConnectionStrings:platform", database.AdminConnectionString), new("ENCRYPTION_KEY", "a-test-key-of-enough-characters")]);
        builder.AddPlatformData();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<RowSecurityException>(() => host.StartAsync());

        Assert.Contains("superuser", error.Message, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
