using Microsoft.Extensions.DependencyInjection;
using Platform.Caching;
using Platform.Data.Images;
using Platform.Data.Seed;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;
using Platform.Worker.CleanUp;
using Platform.Worker.Images;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests.Images;

[Trait("Req", "D10")]
[Trait("Req", "F9")]
public sealed class OptimizeImageTests
{
    [Fact]
    public async Task Upload_becomes_the_files_that_are_shown_and_its_original_goes()
    {
        await using var database = await CreateAsync();
        await using var host = await StartAsync(database);
        var cache = host.Services.GetRequiredService<TenantCache>();
        var user = await MemberAsync(database);
        var key = CacheKey.Create(Acme, CacheKinds.UserProfile, [CacheTag.For(Acme, ImageKinds.CacheSubject, ImageKinds.Avatar, user)], "test");
        await cache.GetOrCreateAsync(key, _ => Task.FromResult("before"));

        var (upload, job) = await UploadAsync(host, ImageKinds.Avatar, user, Pictures.Portrait);
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal("completed 2 0", await database.ScalarAsync<string>(
            """
            SELECT i.status || ' ' || (SELECT count(*) FROM image_files f WHERE f.owner_id = i.owner_id AND f.hash = encode(sha256(f.content), 'hex'))
                || ' ' || (SELECT count(*) FROM image_uploads) FROM images i WHERE upload_id = $1
            """, upload));
        Assert.Equal("64 64×64, 256 256×256", await database.ScalarAsync<string>(
            "SELECT string_agg(size || ' ' || width || '×' || height, ', ' ORDER BY size) FROM image_files WHERE tenant_id = $1", Acme.Value));
        await Eventually.TrueAsync(() => Task.FromResult(host.Events.Any(e => e.Event.Type == "image.completed")));
        Assert.Equal("after", (await cache.GetOrCreateAsync(key, _ => Task.FromResult("after"))).Value);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Second_run_of_a_job_changes_nothing()
    {
        await using var database = await CreateAsync();
        await using var host = await StartAsync(database);
        var (upload, job) = await UploadAsync(host, ImageKinds.Logo, Acme.Value, Pictures.Portrait);
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);
        var before = await StateAsync(database);

        var again = await host.EnqueueAsync(Acme, new OptimizeImage(upload));
        var status = await database.WaitForAsync(Acme, again, JobStates.Succeeded);

        Assert.Equal("logo", status.Result!.Value.GetProperty("kind").GetString());
        Assert.Equal(before, await StateAsync(database));
        Assert.Single(host.Events, e => e.Event.Type == "image.completed");
    }

    [Fact]
    public async Task Later_upload_wins_whichever_job_runs_first_and_a_deleted_one_is_nothing_to_do()
    {
        await using var database = await CreateAsync();
        Guid first, second, last;
        await using (var idle = await StartAsync(database, serve: false))
        {
            (_, first) = await UploadAsync(idle, ImageKinds.Logo, Acme.Value, Pictures.Portrait);
            (_, second) = await UploadAsync(idle, ImageKinds.Logo, Acme.Value, Pictures.Png(3, 1));
            (_, last) = await UploadAsync(idle, ImageKinds.Avatar, await MemberAsync(database), Pictures.Portrait);
            await database.ScalarAsync<int>("DELETE FROM images WHERE kind = 'avatar' RETURNING 1");
        }
        await using var host = await StartAsync(database);

        foreach (var job in new[] { first, second, last })
            await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal("logo 3×1", await database.ScalarAsync<string>(
            "SELECT string_agg(kind || ' ' || width || '×' || height, ', ') FROM image_files"));
        Assert.Single(host.Events, e => e.Event.Type == "image.completed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task File_that_cannot_be_used_is_a_dead_letter_that_says_so_and_what_was_shown_stays(bool isBomb)
    {
        await using var database = await CreateAsync();
        await using var host = await StartAsync(database);
        var (_, good) = await UploadAsync(host, ImageKinds.Logo, Acme.Value, Pictures.Portrait);
        await database.WaitForAsync(Acme, good, JobStates.Succeeded);
        var before = await StateAsync(database);

        var bad = isBomb ? Pictures.Png(30_000, 30_000) : Pictures.Portrait[..^150];
        var (_, job) = await UploadAsync(host, ImageKinds.Logo, Acme.Value, bad);
        var status = await database.WaitForAsync(Acme, job, JobStates.Dead);

        Assert.Equal((1, "The file is damaged, or no picture that can be shown."), (status.Attempts, status.Error));
        Assert.Equal(before, await StateAsync(database));
        Assert.Equal("failed The file is damaged, or no picture that can be shown.", await database.ScalarAsync<string>(
            "SELECT status || ' ' || error FROM images WHERE kind = 'logo'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM image_uploads"));
        await Eventually.TrueAsync(() => Task.FromResult(host.Events.Any(e => e.Event.Type == "image.failed")));
    }

    [Fact]
    public async Task Worker_with_the_library_says_so_and_one_without_leaves_the_job_to_another()
    {
        await using var database = await CreateAsync();
        Guid job;
        await using (var without = await PlatformHost.StartAsync(
            database, builder => builder.AddImages(), null, ("Images:Library", "/nowhere/libvips.so")))
        {
            (_, job) = await UploadAsync(without, ImageKinds.Logo, Acme.Value, Pictures.Portrait);
            await Eventually.TrueAsync(
                async () => await database.ScalarAsync<long>(
                    "SELECT count(*) FROM jobs.pending WHERE id = $1 AND run_at > clock_timestamp() + interval '5 seconds'", job) == 1,
                TimeSpan.FromSeconds(20), "The job was not put off.");
        }
        await database.ScalarAsync<int>("UPDATE jobs.pending SET run_at = clock_timestamp() WHERE id = $1 RETURNING 1", job);

        await using var host = await StartAsync(database);

        await Eventually.TrueAsync(async () => await host.Services.GetRequiredService<ImageWorkers>().AnyAsync());
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);
    }

    [Theory]
    [Trait("Req", "F2")]
    [InlineData(true, "failed Somebody cancelled the job. 0")]
    [InlineData(false, "failed The picture could not be made ready. 1")]
    public async Task Upload_whose_job_ends_without_its_handler_says_so_and_keeps_its_original_for_a_dead_one(bool isCancelled, string expected)
    {
        await using var database = await CreateAsync();
        await database.ScalarAsync<int>("INSERT INTO jobs.paused_tenants (tenant_id, queue) VALUES ($1, 'images') RETURNING 1", Acme.Value);
        await using var host = await StartAsync(database);
        var (_, job) = await UploadAsync(host, ImageKinds.Logo, Acme.Value, Pictures.Portrait);
        await UploadAsync(host, ImageKinds.Avatar, await MemberAsync(database), Pictures.Portrait);

        if (isCancelled)
            await host.WriteAsync(Acme, (transaction, services) => services.GetRequiredService<IJobQueue>().CancelAsync(transaction.Transaction, Acme, job));
        else
            await LastWorkerDiedAsync(database, job);

        await Eventually.TrueAsync(async () => expected == await database.ScalarAsync<string>(
            """
            SELECT concat_ws(' ', status, error, (SELECT count(*) FROM image_uploads u WHERE u.kind = i.kind)) FROM images i WHERE kind = 'logo'
            """));
        Assert.Equal("queued", await database.ScalarAsync<string>("SELECT status FROM images WHERE kind = 'avatar'"));
        await Eventually.TrueAsync(() => Task.FromResult(host.Events.Any(e => e.Event.Type == "image.failed")));
    }

    [Fact]
    public async Task Clean_up_ends_an_upload_nobody_heard_of_and_leaves_one_whose_job_is_to_come()
    {
        await using var database = await CreateAsync();
        await using (var idle = await StartAsync(database, serve: false))
        {
            var (_, job) = await UploadAsync(idle, ImageKinds.Logo, Acme.Value, Pictures.Portrait);
            await UploadAsync(idle, ImageKinds.Avatar, await MemberAsync(database), Pictures.Portrait);
            await database.ScalarAsync<long>(
                """
                WITH gone AS (DELETE FROM jobs.pending WHERE id = $1),
                aged AS (UPDATE images SET updated_at = now() - interval '1 hour' RETURNING 1)
                SELECT count(*) FROM aged
                """, job);
        }

        await using var cleaning = await PlatformHost.StartAsync(database, builder => builder.AddCleanUp());
        await database.WaitForAsync(PlatformTenant.Id, await cleaning.EnqueueAsync(new CleanUpData()), JobStates.Succeeded);

        Assert.Equal("avatar queued, logo failed", await database.ScalarAsync<string>(
            "SELECT string_agg(kind || ' ' || status, ', ' ORDER BY kind) FROM images"));
        Assert.Equal("avatar", await database.ScalarAsync<string>("SELECT string_agg(kind, ', ') FROM image_uploads"));
    }

    /// <summary>As if it had run for the last time on a Worker whose lease ends now.</summary>
    private static Task<int> LastWorkerDiedAsync(WorkerDatabase database, Guid job) => database.ScalarAsync<int>(
        """
        WITH lost AS (
            INSERT INTO jobs.workers (name, queues, expires_at) VALUES ('lost', '{images}', clock_timestamp() - interval '1 second') RETURNING id)
        UPDATE jobs.pending p SET worker = lost.id, attempt = max_attempts, started_at = clock_timestamp() FROM lost WHERE p.id = $1 RETURNING 1
        """, job);

    private static async Task<PlatformHost> StartAsync(WorkerDatabase database, bool serve = true) => await PlatformHost.StartAsync(
        database,
        builder =>
        {
            if (serve)
                builder.AddImages();
            builder.AddJobTenantEvents();
        },
        null, ("Images:Library", await ImageLibrary.PathAsync()), ("Jobs:MaintenanceInterval", "00:00:00.2"));

    /// <summary>As the API stores one.</summary>
    private static Task<(Guid Upload, Guid Job)> UploadAsync(PlatformHost host, string kind, Guid owner, byte[] content) =>
        host.WriteAsync(Acme, async (transaction, services) =>
        {
            var upload = Guid.CreateVersion7();
            var job = await services.GetRequiredService<IJobQueue>().EnqueueAsync(transaction.Transaction, Acme, new OptimizeImage(upload));
            await using var command = transaction.CreateTenantCommand(
                """
                WITH place AS (
                    INSERT INTO images AS known (tenant_id, kind, owner_id, upload_id, job_id) VALUES ($1, $2, $3, $4, $5)
                    ON CONFLICT (tenant_id, kind, owner_id) DO UPDATE SET upload_id = $4, job_id = $5, status = 'queued'
                    RETURNING 1)
                SELECT count(*) FROM place
                """,
                kind, owner, upload, job);
            await command.ExecuteNonQueryAsync();
            await using var drop = transaction.CreateTenantCommand("DELETE FROM image_uploads WHERE tenant_id = $1 AND kind = $2", kind);
            await drop.ExecuteNonQueryAsync();
            await using var store = transaction.CreateTenantCommand(
                "INSERT INTO image_uploads (tenant_id, kind, owner_id, content) VALUES ($1, $2, $3, $4)", kind, owner, content);
            await store.ExecuteNonQueryAsync();
            return (upload, job);
        });

    private static Task<Guid> MemberAsync(WorkerDatabase database) =>
        database.ScalarAsync<Guid>("SELECT user_id FROM memberships WHERE tenant_id = $1 LIMIT 1", DemoAccounts.Acme);

    private static Task<string> StateAsync(WorkerDatabase database) => database.ScalarAsync<string>(
        "SELECT string_agg(kind || owner_id || size || hash || xmin, ',' ORDER BY size) FROM image_files");
}
