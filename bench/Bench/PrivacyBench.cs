using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Data;
using Platform.Data.Contacts;
using Platform.Tenancy;

namespace Platform.Bench;

/// <summary>
/// What row-level security and the tenant setting add to a query: the same page of the same table, read by <c>platform_app</c> with
/// the setting in the same round trip, and by a role that may do as little but bypasses row-level security, with nothing but the
/// condition. Once as bare statements on an open connection, the least a query can be; once as the services read it, by EF Core
/// and with a connection from the pool.
/// </summary>
internal static class PrivacyBench
{
    private const int Tenants = 200, RowsEach = 500, Rows = 21, Warmup = 2_000, Rounds = 12_000;
    private const string BareRole = "platform_bench_bare", BarePassword = "bench-password-1";

    private const string Page =
        """
        SELECT id, name, email, phone, created_at, version FROM contacts
        WHERE tenant_id = @tenant ORDER BY created_at DESC, id DESC LIMIT 21
        """;

    public static async Task RunAsync()
    {
        await using var server = await BenchServer.StartAsync();
        await using var database = await server.CreateJobsDatabaseAsync();
        var tenants = Enumerable.Range(1, Tenants).Select(i => Guid.Parse($"01900000-0000-7000-8000-{i:x12}")).ToArray();
        await using (var admin = new NpgsqlConnection(database.AdminConnectionString))
        {
            await admin.OpenAsync();
            await FillAsync(admin, tenants);
        }

        // Statements are prepared, as the services' are, and as those of database.App.
        await using var bare = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.AdminConnectionString)
        {
            Username = BareRole, Password = BarePassword, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2, NoResetOnClose = true,
        });
        await StatementsAsync(database.App, bare, tenants);
        await QueriesAsync(database.App, bare, tenants);
    }

    private static async Task StatementsAsync(NpgsqlDataSource app, NpgsqlDataSource bare, Guid[] tenants)
    {
        await using var appConnection = await app.OpenConnectionAsync();
        await using var bareConnection = await bare.OpenConnectionAsync();
        await using var guarded = Command(appConnection, $"SELECT set_config('app.tenant_id', @tenant::text, true);\n{Page}");
        await using var unguarded = Command(bareConnection, Page);
        await using var trip = Command(bareConnection, "SELECT 1 WHERE @tenant IS NOT NULL");
        var times = await MeasureAsync(
            tenants,
            tenant => ReadAsync(guarded, tenant, Rows, skip: true), tenant => ReadAsync(unguarded, tenant, Rows), tenant => ReadAsync(trip, tenant, 1));
        Show("statement with row-level security and tenant", times[0]);
        Show("the same statement without either", times[1]);
        Show("an empty round trip", times[2]);
        Judge("a bare statement", times);
    }

    private static async Task QueriesAsync(NpgsqlDataSource app, NpgsqlDataSource bare, Guid[] tenants)
    {
        var guardedOptions = new DbContextOptionsBuilder<PlatformDb>().UseNpgsql(app);
        PlatformDb.Guard(guardedOptions);
        var guarded = guardedOptions.Options;
        var unguarded = new DbContextOptionsBuilder<UnguardedDb>().UseNpgsql(bare)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking).Options;
        var times = await MeasureAsync(
            tenants,
            async tenant =>
            {
                var context = new TenantContext();
                context.Set(new TenantId(tenant));
                await using var db = new PlatformDb(guarded, context);
                await PageAsync(db.Contacts);
            },
            async tenant =>
            {
                await using var db = new UnguardedDb(unguarded, tenant);
                await PageAsync(db.Set<Contact>());
            });
        Show("query as the services send it", times[0]);
        Show("the same query without security and tenant", times[1]);
        Judge("a query of the services", times);
    }

    // As the list of contacts does it.
    private static async Task PageAsync(IQueryable<Contact> contacts) =>
        Expect((await contacts.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).AtMost(Rows).ToListAsync()).Count, Rows);

    /// <returns>Microseconds of each, in turns, so that whatever else the machine does hits all of them.</returns>
    private static async Task<List<double>[]> MeasureAsync(Guid[] tenants, params Func<Guid, Task>[] variants)
    {
        List<double>[] times = [.. variants.Select(_ => new List<double>(Rounds))];
        for (var i = 0; i < Warmup + Rounds; i++)
        {
            for (var n = 0; n < variants.Length; n++)
            {
                // Each comes first as often as the others.
                var which = (i + n) % variants.Length;
                var started = Stopwatch.GetTimestamp();
                await variants[which](tenants[i % Tenants]);
                if (i >= Warmup)
                    times[which].Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }
        }
        return times;
    }

    private static void Judge(string what, List<double>[] times)
    {
        var (guarded, bare) = (Report.Median(times[0]), Report.Median(times[1]));
        Report.Line($"{"added to the median",-44} {guarded - bare,10:0.0} µs");
        Report.AtMost($"added, part of {what}", 100 * (guarded - bare) / bare, 10, "%");
    }

    private static void Show(string title, List<double> microseconds)
    {
        double[] sorted = [.. microseconds.Order()];
        Report.Line($"{title,-44} p50 {Report.Percentile(sorted, 0.5),7:0.0} µs   p95 {Report.Percentile(sorted, 0.95),7:0.0} µs");
    }

    private static async Task ReadAsync(NpgsqlCommand command, Guid tenant, int rows, bool skip = false)
    {
        ((NpgsqlParameter<Guid>)command.Parameters[0]).TypedValue = tenant;
        await using var reader = await command.ExecuteReaderAsync();
        if (skip)
            await reader.NextResultAsync();
        var read = 0;
        while (await reader.ReadAsync())
            read++;
        Expect(read, rows);
    }

    private static void Expect(int read, int rows)
    {
        if (read != rows)
            throw new InvalidOperationException($"{read} rows instead of {rows}.");
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
        new(sql, connection) { Parameters = { new NpgsqlParameter<Guid>("tenant", Guid.Empty) } };

    private static async Task FillAsync(NpgsqlConnection connection, Guid[] tenants)
    {
        await using var fill = new NpgsqlCommand(
            $"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{BareRole}') THEN
                    CREATE ROLE {BareRole} LOGIN BYPASSRLS PASSWORD '{BarePassword}';
                END IF;
                EXECUTE format('GRANT CONNECT ON DATABASE %I TO {BareRole}', current_database());
            END $$;
            GRANT USAGE ON SCHEMA public TO {BareRole};
            GRANT SELECT ON contacts TO {BareRole};
            INSERT INTO tenants (id, slug, name, plan) SELECT id, 'bench-' || n, 'Bench', 'pro' FROM unnest(@ids) WITH ORDINALITY AS t (id, n);
            INSERT INTO contacts (tenant_id, id, name, email, created_at)
            SELECT tenant, gen_random_uuid(), 'Contact ' || i, 'contact' || i || '@example.com', now() - make_interval(mins => i)
            FROM generate_series(1, {RowsEach}) AS i, unnest(@ids) AS tenant
            """,
            connection) { Parameters = { new NpgsqlParameter<Guid[]>("ids", tenants) }, CommandTimeout = 120 };
        await fill.ExecuteNonQueryAsync();
        await using var settle = new NpgsqlCommand("VACUUM ANALYZE contacts", connection) { CommandTimeout = 120 };
        await settle.ExecuteNonQueryAsync();
    }
}
