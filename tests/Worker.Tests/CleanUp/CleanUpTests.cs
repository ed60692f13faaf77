using Npgsql;
using Platform.Caching;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Worker.CleanUp;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests.CleanUp;

[Trait("Req", "F9")]
public sealed class CleanUpTests : IAsyncLifetime
{
    private WorkerDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = await WorkerDatabase.CreateAsync();
        await ExecuteAsync(
            """
            DELETE FROM reports; DELETE FROM notifications; DELETE FROM audit_log; DELETE FROM operator_audit; DELETE FROM refresh_tokens;
            INSERT INTO webhook_sources (tenant_id, id, provider, slug, name, secret)
            SELECT id, id, 'generic', 'source-' || slug, 'Source', 'x' FROM tenants;
            INSERT INTO webhook_endpoints (tenant_id, id, url, secret, event_types) SELECT id, id, 'https://example.com', 'x', '{*}' FROM tenants;
            """);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Run_deletes_what_is_over_of_every_tenant_and_keeps_the_rest()
    {
        await AddAsync(days: 1000, each: 3);
        await AddAsync(days: 0, each: 2);
        await using var host = await PlatformHost.StartAsync(_database, builder => builder.AddCleanUp());

        var status = await RunAsync(host);

        foreach (var table in (string[])["webhook_events", "webhook_deliveries", "notifications", "idempotency_records", "audit_log"])
            Assert.Equal((table, 4L), (table, await CountAsync(table)));
        foreach (var table in (string[])["errors", "sign_in_failures", "operator_audit", "refresh_tokens"])
            Assert.Equal((table, 2L), (table, await CountAsync(table)));
        var removed = status.Result!.Value.GetProperty("removed");
        Assert.Equal(6, removed.GetProperty("notifications").GetInt64());
        Assert.Equal(3, removed.GetProperty("refresh_tokens").GetInt64());
        Assert.Equal(new JobProgress(2, 2, 100), status.Progress);
    }

    [Fact]
    public async Task Run_expires_a_reports_file_at_its_time_and_drops_the_report_later()
    {
        var (over, kept, ancient) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await AddReportAsync(over, "completed", days: 8, expires: "now() - interval '1 minute'");
        await AddReportAsync(kept, "completed", days: 8, expires: "now() + interval '1 hour'");
        await AddReportAsync(ancient, "failed", days: 91, expires: "NULL");
        await using var host = await PlatformHost.StartAsync(_database, builder => builder.AddCleanUp());

        await RunAsync(host);

        Assert.Equal("expired", await _database.ScalarAsync<string>("SELECT status FROM reports WHERE id = $1", over));
        Assert.Equal("completed", await _database.ScalarAsync<string>("SELECT status FROM reports WHERE id = $1", kept));
        Assert.Equal((0L, 2L), (await FilesAsync(over), await FilesAsync(kept)));
        Assert.Equal(2L, await CountAsync("reports"));
        Assert.Contains(host.Events, told => told.Tenant == Acme && told.Event.Type == "report.expired");
    }

    [Theory]
    [Trait("Req", "C2")]
    [InlineData("reports")]
    [InlineData("notifications")]
    [InlineData("images")]
    public async Task Run_drops_what_is_cached_of_deleted_rows_of_the_tenant_they_were_of(string subject)
    {
        // Nobody else's, for Redis is shared.
        var (touched, other) = (new TenantId(Guid.CreateVersion7()), new TenantId(Guid.CreateVersion7()));
        await ExecuteAsync(
            $"""
            INSERT INTO tenants (id, slug, name, plan) SELECT id, 'test-' || id, 'Test', 'pro' FROM unnest(ARRAY['{touched}', '{other}']::uuid[]) AS id;
            INSERT INTO memberships (tenant_id, user_id) SELECT '{touched}', id FROM users ORDER BY id LIMIT 1;
            INSERT INTO reports (tenant_id, id, kind, title, status, created_at)
            SELECT '{touched}', uuidv7(), 'contacts', 'Title', 'failed', now() - interval '1000 days' WHERE '{subject}' = 'reports';
            INSERT INTO notifications (tenant_id, id, user_id, kind, title, created_at)
            SELECT tenant_id, uuidv7(), user_id, 'x', 'Title', now() - interval '1000 days' FROM memberships
            WHERE tenant_id = '{touched}' AND '{subject}' = 'notifications';
            INSERT INTO images (tenant_id, kind, owner_id, upload_id, job_id, updated_at)
            SELECT '{touched}', 'logo', '{touched}', uuidv7(), uuidv7(), now() - interval '1 day' WHERE '{subject}' = 'images';
            """);
        await using var host = await PlatformHost.StartAsync(_database, builder => builder.AddCleanUp());
        var isCached = await host.CacheAsync(CacheTag.For(touched, subject));
        var othersIsCached = await host.CacheAsync(CacheTag.For(other, subject));
        Assert.True(await isCached());

        await RunAsync(host);

        Assert.Equal((false, true), (await isCached(), await othersIsCached()));
    }

    [Fact]
    public async Task Run_that_has_deleted_its_share_has_another_one_go_on()
    {
        await AddAsync(days: 1000, each: 130);
        await using var host = await PlatformHost.StartAsync(
            _database, builder => builder.AddCleanUp(), settings: [("CleanUp:BatchRows", "20"), ("CleanUp:RunRows", "300")]);

        var status = await RunAsync(host);

        Assert.True(status.Result!.Value.GetProperty("goesOn").GetBoolean());
        Assert.InRange(status.Result.Value.GetProperty("rows").GetInt64(), 300, 300 + (7 * 20));
        await Testing.Eventually.TrueAsync(
            async () => await CountAsync("notifications") == 0 && await CountAsync("audit_log") == 0 && await CountAsync("webhook_deliveries") == 0,
            TimeSpan.FromSeconds(30), "The following runs never came to the end.");
        Assert.True(await _database.ScalarAsync<long>("SELECT count(*) FROM jobs.job WHERE type = 'platform.clean_up'") > 2);
    }

    [Fact]
    public async Task Used_refresh_token_is_kept_until_it_expires_so_that_its_second_use_is_noticed()
    {
        await ExecuteAsync(
            """
            INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, issued_at, expires_at, used_at)
            SELECT gen_random_uuid(), gen_random_uuid(), id, '\x01', now() - interval '13 days', now() + interval '1 day', now() - interval '12 days'
            FROM users LIMIT 1
            """);
        await using var host = await PlatformHost.StartAsync(
            _database, builder => builder.AddCleanUp(), settings: [("CleanUp:RefreshTokens", "00:00:00")]);

        await RunAsync(host);

        Assert.Equal(1L, await CountAsync("refresh_tokens"));
    }

    [Theory]
    [InlineData("SELECT clean_up_audit_log('0', 1000)")]
    [InlineData("SELECT clean_up_operator_audit('-10 years', 1000)")]
    [InlineData("SELECT clean_up_refresh_tokens('-10 years', 1000)")]
    [Trait("Req", "B2")]
    public async Task Service_asks_for_more_than_is_over_and_nothing_goes(string sql)
    {
        await AddAsync(days: 0, each: 2);

        Assert.Equal(0L, await AsServiceAsync(Acme, sql));
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Function_deletes_the_current_tenants_audit_log_only_and_nothing_without_one()
    {
        await AddAsync(days: 1000, each: 2);

        Assert.Equal(2L, await AsServiceAsync(Acme, "SELECT clean_up_audit_log('400 days', 1000)"));
        Assert.Equal(0L, await AsServiceAsync(PlatformTenant.Id, "SELECT clean_up_audit_log('400 days', 1000)"));
        Assert.Equal(2L, await _database.ScalarAsync<long>("SELECT count(*) FROM audit_log WHERE tenant_id = $1", Globex.Value));
        var denied = await Assert.ThrowsAsync<PostgresException>(() => AsServiceAsync(Globex, "DELETE FROM audit_log"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, denied.SqlState);
    }

    private async Task<JobStatus> RunAsync(PlatformHost host) =>
        await _database.WaitForAsync(PlatformTenant.Id, await host.EnqueueAsync(new CleanUpData()), JobStates.Succeeded);

    /// <summary>So many rows of each kind that ended so many days ago, for each tenant where they have one.</summary>
    private async Task AddAsync(int days, int each)
    {
        var at = $"now() - interval '{days} days' - interval '1 second'";
        var n = $"generate_series(1, {each}) AS n";
        await ExecuteAsync(
            $"""
            INSERT INTO webhook_events (tenant_id, id, source_id, external_id, payload, received_at)
            SELECT t.id, gen_random_uuid(), t.id, gen_random_uuid(), '', {at} FROM tenants t, {n};
            INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, payload, status, created_at, finished_at)
            SELECT t.id, gen_random_uuid(), t.id, gen_random_uuid(), 'x', '', 'delivered', {at}, {at} FROM tenants t, {n};
            INSERT INTO notifications (tenant_id, id, user_id, kind, title, created_at)
            SELECT m.tenant_id, gen_random_uuid(), m.user_id, 'x', 'Title', {at}
            FROM (SELECT DISTINCT ON (tenant_id) * FROM memberships ORDER BY tenant_id) AS m, {n};
            INSERT INTO idempotency_records (tenant_id, route, key, fingerprint, status, headers, body, created_at)
            SELECT t.id, 'x', gen_random_uuid(), '', 200, '[]', '', {at} FROM tenants t, {n};
            INSERT INTO audit_log (tenant_id, id, at, action) SELECT t.id, gen_random_uuid(), {at}, 'x' FROM tenants t, {n};
            INSERT INTO errors (fingerprint, service, type, message, first_seen, last_seen)
            SELECT gen_random_uuid(), 'x', 'x', 'x', {at}, {at} FROM {n};
            INSERT INTO sign_in_failures (email_hash, failures, last_at) SELECT sha256(gen_random_uuid()::text::bytea), 1, {at} FROM {n};
            INSERT INTO operator_audit (at, operator_id, action) SELECT {at}, gen_random_uuid(), 'x' FROM {n};
            INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, issued_at, expires_at)
            SELECT gen_random_uuid(), gen_random_uuid(), u.id, sha256(gen_random_uuid()::text::bytea), {at}, {at} + interval '1 day'
            FROM (SELECT id FROM users ORDER BY id LIMIT 1) AS u, {n};
            """);
    }

    private Task AddReportAsync(Guid id, string status, int days, string expires) => ExecuteAsync(
        $"""
        INSERT INTO reports (tenant_id, id, kind, title, status, created_at, expires_at)
        VALUES ('{Acme}', '{id}', 'contacts', 'Title', '{status}', now() - interval '{days} days', {expires});
        INSERT INTO report_files (tenant_id, report_id, number, content) SELECT '{Acme}', '{id}', n, 'x' FROM generate_series(0, 1) AS n;
        """);

    private Task<long> FilesAsync(Guid report) =>
        _database.ScalarAsync<long>("SELECT count(*) FROM report_files WHERE report_id = $1", report);

    private Task<long> CountAsync(string table) => _database.ScalarAsync<long>($"SELECT count(*) FROM {table}");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.Admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> AsServiceAsync(TenantId tenant, string sql)
    {
        await using var connection = await _database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand($"CALL set_tenant('{tenant}')", connection);
        await set.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        var result = (long?)await command.ExecuteScalarAsync() ?? 0;
        await transaction.CommitAsync();
        return result;
    }
}
