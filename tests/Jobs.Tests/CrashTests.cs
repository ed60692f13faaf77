using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Platform.Embedded;
using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

[Trait("Req", "F4")]
public sealed class CrashTests : IAsyncLifetime
{
    // Open to the unprivileged user the server runs as.
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"platform-crash-{Guid.NewGuid():N}");
    private EmbeddedPostgresOptions _options = new();
    private RunningPostgres _server = null!;
    private JobsDatabase _database = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        _options = new EmbeddedPostgresOptions { DataFolder = Path.Combine(_folder, "postgres") };
        _server = await EmbeddedPostgres.StartAsync(_options);
        _options = _options with { Port = _server.Port };
        _database = await JobsDatabase.CreateAsync(_server.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task CrashAsync()
    {
        await _server.CrashAsync();
        _server = await EmbeddedPostgres.StartAsync(_options);
    }

    private const string Left = """
        SELECT coalesce(string_agg(format('%s × wait %s, worker %s, attempt %s, lane %s', n, wait, worker, attempt, lane), '; '), '')
        FROM (SELECT count(*) AS n, wait, worker, attempt, lane FROM jobs.pending GROUP BY wait, worker, attempt, lane LIMIT 30) p
        """;

    [Fact]
    public async Task Crash_of_the_database_under_load_loses_no_job_and_never_runs_two_of_a_lane_at_once()
    {
        const int Lanes = 10, Steps = 40, Free = 400;
        var inside = new ConcurrentDictionary<string, int>();
        var order = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        var (overlaps, ran) = (0, 0);
        WorkHost.Handler handler = async (payload, _, _) =>
        {
            var (lane, number) = (((Work)payload).Name, ((Work)payload).Number);
            Interlocked.Increment(ref ran);
            if (lane is null)
                return null;
            if (inside.AddOrUpdate(lane, 1, (_, n) => n + 1) != 1)
                Interlocked.Increment(ref overlaps);
            await Task.Delay(5, CancellationToken.None);
            order.GetOrAdd(lane, _ => new()).Enqueue(number);
            inside.AddOrUpdate(lane, 0, (_, n) => n - 1);
            return null;
        };
        for (var lane = 0; lane < Lanes; lane++)
        {
            var options = new JobOptions { Lane = $"lane {lane}" };
            await _database.InTransactionAsync(Acme, async transaction =>
            {
                for (var n = 0; n < Steps; n++)
                    await _database.Queue.EnqueueAsync(transaction, Acme, new Work(n, options.Lane), options);
                return true;
            });
        }

        await _database.EnqueueManyAsync(Globex, Enumerable.Range(0, Free).Select(n => new Work(n)).ToArray());
        await using var right = await WorkHost.StartAsync(_database, handler);
        await using var ahead = await WorkHost.StartAsync(
            _database, handler, build: builder => builder.Services.AddSingleton<TimeProvider>(new ShiftedClock(TimeSpan.FromHours(1))));

        await Eventually.TrueAsync(() => Volatile.Read(ref ran) > Free / 2);
        await CrashAsync();

        var left = "";
        try
        {
            await Eventually.TrueAsync(
                async () => (left = await _database.ScalarAsync<string>(Left)).Length == 0, TimeSpan.FromSeconds(30), "Jobs are stuck.");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Jobs are stuck: {left}");
        }

        Assert.Equal((Lanes * Steps) + Free, await _database.ScalarAsync<long>("SELECT count(*) FROM jobs.finished WHERE state = 'succeeded'"));
        Assert.Equal(0, overlaps);
        Assert.Equal(Lanes, order.Count);
        // A step whose end the crash kept from being stored runs again, before the next one.
        Assert.All(order.Values, steps =>
        {
            Assert.Equal(Enumerable.Range(0, Steps), steps.Distinct());
            Assert.Equal(steps.Order(), steps);
        });
    }

    [Fact]
    public async Task Claim_waits_for_the_disk_when_it_took_a_job_of_a_lane()
    {
        // Looks at the setting when the claim commits.
        await _database.ExecuteAsync("""
            CREATE TABLE claims (lane text, waits text);
            CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
            BEGIN
                INSERT INTO claims VALUES (NEW.lane, current_setting('synchronous_commit'));
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER note_claim AFTER UPDATE ON jobs.pending DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (OLD.worker IS NULL AND NEW.worker IS NOT NULL) EXECUTE FUNCTION note_claim()
            """);
        await using var host = await WorkHost.StartAsync(_database, (_, _, _) => Task.FromResult<object?>(null));

        foreach (var lane in (string?[])["lane", null, "lane"])
            await _database.WaitForAsync(Acme, await _database.EnqueueAsync(Acme, new Work(1), new JobOptions { Lane = lane }), JobStates.Succeeded);

        Assert.Equal("lane on, - off, lane on", await _database.ScalarAsync<string>(
            "SELECT string_agg(concat(coalesce(lane, '-'), ' ', waits), ', ' ORDER BY ctid) FROM claims"));
    }
}
