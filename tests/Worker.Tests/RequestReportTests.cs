using Microsoft.Extensions.DependencyInjection;
using Platform.Data.Reports;
using Platform.Jobs;
using Platform.Worker.Email;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F2")]
public sealed class RequestReportTests
{
    [Fact]
    public async Task Schedule_of_a_tenant_writes_its_report()
    {
        await using var database = await CreateAsync();
        await database.ScalarAsync<int>(
            """
            INSERT INTO jobs.schedules (
                tenant_id, id, name, cron, time_zone, misfire_runs, next_due, timeout_seconds, retention_days, max_attempts, priority, type, queue, payload)
            VALUES ($1, uuidv7(), 'Contacts', '0 6 * * *', 'UTC', 1, now(), 60, 7, 3, 50, 'reports.request', 'reports',
                '{"kind":"contacts","title":"Mine","days":7}')
            RETURNING 1
            """, Acme.Value);
        await using var host = await PlatformHost.StartAsync(database, builder => builder.AddReports());
        await Testing.Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("SELECT count(*) FROM reports WHERE tenant_id = $1 AND title = 'Mine' AND status = 'completed'", Acme.Value) == 1,
            TimeSpan.FromSeconds(30));

        Assert.Equal("Mine contacts 7 days none", await database.ScalarAsync<string>(
            """
            SELECT concat_ws(' ', title, kind, (parameters ->> 'to')::timestamptz - (parameters ->> 'from')::timestamptz, coalesce(created_by::text, 'none'))
            FROM reports WHERE title = 'Mine'
            """));
        // It may be at work before its creation is told.
        Assert.Equal(
            ["report.completed", "report.created", "report.running"],
            host.Events.Select(e => e.Event.Type).Where(type => type.StartsWith("report", StringComparison.Ordinal)).Order());
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Second_attempt_asks_for_no_second_report()
    {
        await using var database = await CreateAsync();
        await using var host = await PlatformHost.StartAsync(database, builder => builder.AddReports());
        var before = await CountAsync(database);

        var job = await host.EnqueueAsync(Acme, new RequestReport("contacts"));
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);
        // As if the worker had died before it could say so.
        await database.ScalarAsync<int>("UPDATE jobs.finished SET state = 'dead' WHERE id = $1 RETURNING 1", job);
        await host.WriteAsync(Acme, (transaction, services) =>
            services.GetRequiredService<IJobAdmin>().RetryAsync(transaction.Transaction, Acme, [job]));
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal(before + 1, await CountAsync(database));
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Who_made_the_schedule_gets_one_email_when_the_report_is_ready_and_strangers_none()
    {
        await using var database = await CreateAsync();
        await using var server = new FakeSmtpServer();
        await using var host = await PlatformHost.StartAsync(
            database, builder =>
            {
                builder.AddReports();
                builder.AddEmail();
            },
            null, ("Email:Host", "127.0.0.1"), ("Email:Port", $"{server.Port}"), ("Email:Certificate", server.Fingerprint),
            ("Email:From", "no-reply@platform.example"));
        const string MemberOf = "SELECT user_id FROM memberships WHERE tenant_id = $1 ORDER BY user_id LIMIT 1";
        var (member, stranger) = (await database.ScalarAsync<Guid>(MemberOf, Acme.Value), await database.ScalarAsync<Guid>(MemberOf, Globex.Value));

        var foreign = await host.EnqueueAsync(Acme, new RequestReport("contacts", "Not theirs", Tell: stranger));
        var own = await host.EnqueueAsync(Acme, new RequestReport("contacts", "Mine", Tell: member));
        await database.WaitForAsync(Acme, own, JobStates.Succeeded);
        await database.WaitForAsync(Acme, foreign, JobStates.Succeeded);
        await Testing.Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.pending") == 0, TimeSpan.FromSeconds(30));
        // As if the one that tells had died before it could say so.
        var told = await database.ScalarAsync<Guid>(
            "SELECT id FROM jobs.job WHERE type = 'reports.tell' AND payload ->> 'reportId' = $1", own.ToString());
        await database.ScalarAsync<int>("UPDATE jobs.finished SET state = 'dead' WHERE id = $1 RETURNING 1", told);
        await host.WriteAsync(Acme, (transaction, services) => services.GetRequiredService<IJobAdmin>().RetryAsync(transaction.Transaction, Acme, [told]));
        await database.WaitForAsync(Acme, told, JobStates.Succeeded);

        Assert.Contains("Subject: Your report is ready", Assert.Single(server.Messages), StringComparison.Ordinal);
        Assert.Contains($"RCPT TO:<{await database.ScalarAsync<string>("SELECT email::text FROM users WHERE id = $1", member)}>", string.Join('\n', server.Commands), StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("The report \"Mine\" is ready: ", await database.ScalarAsync<string>(
            "SELECT string_agg(payload ->> 'text', '') FROM jobs.job WHERE type = 'emails.send'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_that_lost_reports_ends_it()
    {
        await using var database = await CreateAsync();
        await using var host = await PlatformHost.StartAsync(database, builder => builder.AddReports());
        var before = await CountAsync(database);
        await database.ScalarAsync<int>("UPDATE tenants SET plan = 'free' WHERE id = $1 RETURNING 1", Acme.Value);

        var status = await database.WaitForAsync(Acme, await host.EnqueueAsync(Acme, new RequestReport("contacts")), JobStates.Dead);

        Assert.Contains("plan", status.Error, StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync(database));
    }

    private static Task<long> CountAsync(WorkerDatabase database) => database.ScalarAsync<long>("SELECT count(*) FROM reports");
}
