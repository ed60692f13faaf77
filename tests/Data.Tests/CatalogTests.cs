using Npgsql;

namespace Platform.Data.Tests;

/// <summary>What every table has to be like, read from the catalog: a table added later is covered without a word here.</summary>
[Trait("Req", "B2")]
public sealed class CatalogTests(PlatformDatabase database) : IClassFixture<PlatformDatabase>
{
    private const string TenantTables =
        """
        WITH tenant_table AS (
            SELECT c.oid, c.oid::regclass::text AS name, c.relowner, c.relrowsecurity, c.relforcerowsecurity
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace)

        """;

    [Fact]
    public async Task Every_tenant_table_has_forced_security_and_the_generated_policy()
    {
        Assert.Empty(await ReadAsync(
            TenantTables +
            """
            SELECT t.name FROM tenant_table t
            WHERE NOT (t.relrowsecurity AND t.relforcerowsecurity)
               OR NOT EXISTS (
                   SELECT FROM pg_policy p, pg_policy model
                   WHERE p.polrelid = t.oid AND p.polname = 'tenant_isolation' AND model.polrelid = 'contacts'::regclass
                     AND model.polname = 'tenant_isolation' AND p.polroles = '{0}' AND p.polcmd = '*'
                     AND pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(model.polqual, model.polrelid)
                     AND pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(model.polwithcheck, model.polrelid))
            """));
        Assert.True((await ReadAsync(TenantTables + "SELECT name FROM tenant_table")).Count >= 30);
    }

    [Fact]
    public async Task Every_other_policy_is_the_owners()
    {
        Assert.Equal(["tenants tenant_isolation", "users tenant_isolation"], await ReadAsync(
            TenantTables +
            """
            SELECT p.polrelid::regclass || ' ' || p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
            WHERE c.relnamespace = 'public'::regnamespace
              AND NOT (p.polname = 'tenant_isolation' AND p.polrelid IN (SELECT oid FROM tenant_table))
              AND NOT (p.polname = 'owner_access' AND p.polroles = ARRAY['platform_owner'::regrole::oid])
            ORDER BY 1
            """));
    }

    [Fact]
    public async Task Every_primary_and_unique_key_starts_with_the_tenant()
    {
        // Refresh tokens are looked up before a tenant is known, and no service can read them; slugs are part of an address.
        Assert.Equal(["refresh_tokens_pkey", "refresh_tokens_token_hash_key", "webhook_sources_slug_key"], (await ReadAsync(
            TenantTables +
            """
            SELECT i.indexrelid::regclass::text FROM pg_index i JOIN tenant_table t ON t.oid = i.indrelid
            WHERE i.indisunique
              AND (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = i.indkey[0]) IS DISTINCT FROM 'tenant_id'
            """)).Order(StringComparer.Ordinal).Where(name => !name.StartsWith("api_key", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_foreign_key_between_tenant_tables_carries_the_tenant()
    {
        Assert.Empty(await ReadAsync(
            TenantTables +
            """
            SELECT k.conname FROM pg_constraint k
            JOIN tenant_table t ON t.oid = k.conrelid JOIN tenant_table target ON target.oid = k.confrelid
            WHERE k.contype = 'f' AND NOT EXISTS (
                SELECT FROM unnest(k.conkey, k.confkey) AS pair (mine, theirs)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.mine AND a.attname = 'tenant_id'
                JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.theirs AND b.attname = 'tenant_id')
            """));
    }

    [Fact]
    [Trait("Req", "D9")]
    public async Task Every_foreign_key_has_an_index_for_the_deletes_of_what_it_refers_to()
    {
        // Users and tenants aren't deleted while the platform runs; one row of a tenant needs no further index.
        Assert.Empty(await ReadAsync(
            TenantTables +
            """
            SELECT k.conname FROM pg_constraint k
            JOIN tenant_table t ON t.oid = k.conrelid JOIN tenant_table target ON target.oid = k.confrelid
            WHERE k.contype = 'f' AND NOT EXISTS (
                SELECT FROM pg_index i
                WHERE i.indrelid = k.conrelid AND i.indpred IS NULL
                  AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
            """));
    }

    [Fact]
    public async Task No_service_role_owns_truncates_or_refers_to_a_table()
    {
        Assert.Empty(await ReadAsync(
            """
            SELECT c.oid::regclass || ' ' || r.rolname FROM pg_class c, pg_roles r
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace IN ('public'::regnamespace, 'jobs'::regnamespace)
              AND r.rolname IN ('platform_app', 'platform_queue')
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
              AND (c.relowner <> 'platform_owner'::regrole OR has_table_privilege(r.oid, c.oid, 'TRUNCATE, REFERENCES, TRIGGER'))
            """));
    }

    [Fact]
    public async Task Every_function_of_the_owner_pins_its_path_and_is_for_the_services_alone()
    {
        Assert.Empty(await ReadAsync(
            """
            SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.prosecdef AND n.nspname IN ('public', 'jobs')
              AND (NOT COALESCE(array_to_string(p.proconfig, ',') LIKE '%search_path=%pg_temp%', false)
                   OR EXISTS (SELECT FROM aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner))) AS g WHERE g.grantee = 0))
            """));
    }

    private async Task<IReadOnlyList<string>> ReadAsync(string sql)
    {
        await using var admin = database.CreateAdminPool();
        await using var command = admin.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
            names.Add(reader.GetString(0));
        return names;
    }
}
