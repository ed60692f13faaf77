using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Data.Contacts;

namespace Platform.Data.Tests;

[Trait("Req", "B2")]
public sealed class IsolationTests(PlatformDatabase database) : IClassFixture<PlatformDatabase>
{
    [Fact]
    public async Task Query_on_one_pooled_connection_follows_its_own_tenant()
    {
        await using var pool = database.CreateAppPool(size: 1);

        var first = await CountAsync(PlatformDatabase.Acme);
        var between = await CountAsync(PlatformDatabase.Globex);
        var again = await CountAsync(PlatformDatabase.Acme);

        Assert.Equal((40, 5, 40), (first, between, again));

        async Task<int> CountAsync(Tenancy.TenantId tenant)
        {
            await using var db = PlatformDatabase.CreateContext(pool, tenant);
            return await db.Contacts.CountAsync();
        }
    }

    [Fact]
    public async Task Context_whose_options_lack_the_guard_has_it_all_the_same()
    {
        await using var pool = database.CreateAppPool(size: 1);
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex, guarded: false);

        Assert.Equal(5, await db.Contacts.IgnoreQueryFilters().CountAsync());
        Assert.Equal(QueryTrackingBehavior.NoTracking, db.ChangeTracker.QueryTrackingBehavior);
        await using var none = PlatformDatabase.CreateContext(pool, null, guarded: false);
        await Assert.ThrowsAsync<InvalidOperationException>(() => none.Contacts.IgnoreQueryFilters().CountAsync());
    }

    [Fact]
    public async Task Raw_sql_without_where_sees_only_own_rows()
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex);
        await using var transaction = await db.BeginAsync();

        foreach (var (table, column) in await TenantTablesAsync())
        {
            // Tables the role can't read at all are private anyway.
            await using var allowed = transaction.CreateCommand($"SELECT has_table_privilege('{table}', 'SELECT')");
            if (!(bool)(await allowed.ExecuteScalarAsync())!)
                continue;
            await using var command = transaction.CreateCommand($"SELECT count(*) FROM {table} WHERE {column} <> $1");
            command.Parameters.AddWithValue(PlatformDatabase.Globex.Value);
            Assert.True((long)(await command.ExecuteScalarAsync())! == 0, $"{table} shows rows of another tenant");
        }
        await using var contacts = transaction.CreateCommand("SELECT count(*) FROM contacts");
        Assert.Equal(5L, await contacts.ExecuteScalarAsync());
        await using var users = transaction.CreateCommand("SELECT string_agg(email, ',') FROM users");
        Assert.Equal("admin@globex.example", await users.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Raw_sql_without_tenant_sees_no_rows_and_no_error()
    {
        await using var pool = database.CreateAppPool(size: 1);
        // Use the connection with a tenant first: afterwards its setting is '' and no longer NULL.
        await using (var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme))
            Assert.Equal(40, await db.Contacts.CountAsync());

        string[] tables = ["contacts", "tenants", "users", "memberships", "roles", "imports", "audit_log", "idempotency_records"];
        foreach (var table in tables)
        {
            await using var command = pool.CreateCommand($"SELECT count(*) FROM (SELECT FROM {table}) AS rows");
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task Raw_sql_after_a_rolled_back_transaction_sees_no_rows()
    {
        await using var pool = database.CreateAppPool(size: 1);
        await using (var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme))
        await using (await db.BeginAsync())
        {
            Assert.Equal(40, await db.Contacts.CountAsync());
        }
        await using var command = pool.CreateCommand("SELECT count(*) FROM contacts");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Context_without_tenant_throws_before_the_database_is_touched()
    {
        // Nothing listens there: an attempt to connect would fail otherwise.
        await using var pool = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        await using var db = PlatformDatabase.CreateContext(pool, tenant: null);

        await Assert.ThrowsAsync<InvalidOperationException>(() => db.Contacts.CountAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.Contacts.IgnoreQueryFilters().CountAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.Database.ExecuteSqlAsync($"DELETE FROM contacts"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.BeginAsync());
        db.Contacts.Add(new Contact { TenantId = Guid.NewGuid(), Id = Guid.CreateVersion7(), Name = "x", Email = "x@example.com" });
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync());
    }

    [Fact]
    public async Task Query_ignoring_filters_sees_only_own_rows()
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex);

        Assert.Equal(5, await db.Contacts.IgnoreQueryFilters().CountAsync());
        var acme = PlatformDatabase.Acme.Value;
        Assert.Equal(0, await db.Contacts.IgnoreQueryFilters().Where(contact => contact.TenantId == acme).ExecuteDeleteAsync());
        Assert.Equal(0, await db.Database.ExecuteSqlAsync($"UPDATE contacts SET name = 'taken' WHERE tenant_id = {acme}"));
    }

    [Fact]
    public async Task Insert_for_another_tenant_is_refused()
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex);
        var acme = PlatformDatabase.Acme.Value;
        db.Contacts.Add(new Contact { TenantId = acme, Id = Guid.CreateVersion7(), Name = "x", Email = "x@example.com", Version = 1 });

        var error = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.IsType<PostgresException>(error.InnerException).SqlState);
    }

    [Fact]
    public async Task Foreign_key_to_another_tenants_row_is_refused()
    {
        await using var pool = database.CreateAppPool();
        Guid role;
        await using (var acme = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme))
            role = await acme.Database.SqlQuery<Guid>($"SELECT id AS \"Value\" FROM roles LIMIT 1").SingleAsync();
        await using var globex = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex);

        var tenant = PlatformDatabase.Globex.Value;
        var error = await Assert.ThrowsAsync<PostgresException>(() => globex.Database.ExecuteSqlAsync(
            $"INSERT INTO role_permissions (tenant_id, role_id, permission) VALUES ({tenant}, {role}, 'contacts:read')"));

        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, error.SqlState);
    }

    [Theory]
    [InlineData("TRUNCATE contacts")]
    [InlineData("SET ROLE platform_owner")]
    [InlineData("ALTER TABLE contacts DISABLE ROW LEVEL SECURITY")]
    [InlineData("SELECT password_hash FROM users")]
    [InlineData("SELECT * FROM refresh_tokens")]
    [InlineData("CREATE TABLE loot (x int)")]
    [InlineData("UPDATE audit_log SET action = 'x'")]
    public async Task App_role_may_not(string sql)
    {
        await using var pool = database.CreateAppPool();
        await using var command = pool.CreateCommand(sql);

        var error = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, error.SqlState);
    }

    [Fact]
    public async Task Every_table_with_a_tenant_has_forced_row_security_and_a_policy()
    {
        await using var admin = database.CreateAdminPool();
        await using var command = admin.CreateCommand(
            """
            SELECT c.oid::regclass::text FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%'
              AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                       AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
            """);
        var unprotected = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            unprotected.Add(reader.GetString(0));

        Assert.Empty(unprotected);
        Assert.True((await TenantTablesAsync()).Count >= 10);
    }

    private async Task<IReadOnlyList<(string Table, string Column)>> TenantTablesAsync()
    {
        await using var admin = database.CreateAdminPool();
        await using var command = admin.CreateCommand(
            """
            SELECT table_schema || '.' || table_name FROM information_schema.columns
            JOIN information_schema.tables USING (table_schema, table_name)
            WHERE column_name = 'tenant_id' AND table_type = 'BASE TABLE' AND table_schema IN ('public', 'jobs')
            """);
        var tables = new List<(string, string)> { ("public.tenants", "id") };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            tables.Add((reader.GetString(0), "tenant_id"));
        return tables;
    }
}
