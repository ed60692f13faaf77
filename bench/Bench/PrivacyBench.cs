using System.Diagnostics;
using Npgsql;

namespace Platform.Bench;

/// <summary>
/// What row-level security and the tenant setting add to a query: the same page of the same table, read by
/// <c>platform_app</c> with the setting in the same round trip, and by an administrator with nothing but the condition.
/// </summary>
internal static class PrivacyBench
{
    private const int Tenants = 200, RowsEach = 500, Warmup = 2_000, Rounds = 12_000;

    private const string Page =
        """
        SELECT id, name, email, phone, created_at, version FROM contacts
        WHERE tenant_id = @tenant ORDER BY created_at DESC, id DESC LIMIT 21
        """;

    public static async Task<int> RunAsync()
    {
        await using var server = await BenchServer.StartAsync();
        await using var database = await server.CreateJobsDatabaseAsync();
        var tenants = Enumerable.Range(1, Tenants).Select(i => Guid.Parse($"01900000-0000-7000-8000-{i:x12}")).ToArray();
        await using var admin = await OpenAsync(database.AdminConnectionString);
        await FillAsync(admin, tenants);

        await using var app = await database.App.OpenConnectionAsync();
        await using var guarded = Command(app, $"CALL set_tenant(@tenant);\n{Page}");
        await using var bare = Command(admin, Page);
        await using var trip = Command(admin, "SELECT 1 WHERE @tenant IS NOT NULL");
        List<double> with = [], without = [], trips = [];
        for (var i = 0; i < Warmup + Rounds; i++)
        {
            var tenant = tenants[i % Tenants];
            // In turns, so that whatever else the machine does hits both.
            var (first, second) = (i % 2 == 0)
                ? (await MeasureAsync(guarded, tenant, 21), await MeasureAsync(bare, tenant, 21))
                : Swap(await MeasureAsync(bare, tenant, 21), await MeasureAsync(guarded, tenant, 21));
            var empty = await MeasureAsync(trip, tenant, 1);
            if (i < Warmup)
                continue;
            with.Add(first);
            without.Add(second);
            trips.Add(empty);
        }

        Show("page with row-level security and tenant", with);
        Show("the same page without either", without);
        Show("an empty round trip", trips);
        var (guardedTime, bareTime, tripTime) = (Report.Median(with), Report.Median(without), Report.Median(trips));
        var added = guardedTime - bareTime;
        Report.Line($"{"added to the median",-44} {added,10:0.0} µs");
        Report.Line($"{"  of what Postgres itself does for the page",-44} {100 * added / (bareTime - tripTime),10:0.0} %");
        Report.AtMost("added, part of the query's time", 100 * added / bareTime, 10, "%");
        return added <= 0.1 * bareTime ? 0 : 1;
    }

    private static (double First, double Second) Swap(double second, double first) => (first, second);

    private static void Show(string title, List<double> microseconds)
    {
        double[] sorted = [.. microseconds.Order()];
        Report.Line($"{title,-44} p50 {Report.Percentile(sorted, 0.5),7:0.0} µs   p95 {Report.Percentile(sorted, 0.95),7:0.0} µs");
    }

    private static async Task<double> MeasureAsync(NpgsqlCommand command, Guid tenant, int rows)
    {
        ((NpgsqlParameter<Guid>)command.Parameters[0]).TypedValue = tenant;
        var started = Stopwatch.GetTimestamp();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            var read = 0;
            while (await reader.ReadAsync())
                read++;
            if (read != rows)
                throw new InvalidOperationException($"{read} rows instead of {rows}.");
        }
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
        new(sql, connection) { Parameters = { new NpgsqlParameter<Guid>("tenant", Guid.Empty) } };

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        // As the services have it: statements are prepared once.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 20 }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task FillAsync(NpgsqlConnection connection, Guid[] tenants)
    {
        await using var fill = new NpgsqlCommand(
            $"""
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
