using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Imports;
using Platform.Data.Reports;
using Platform.Data.Schema;
using Platform.Data.Seed;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Worker.Tests;

/// <summary>A migrated database with the demo tenants but no contacts, of one test alone.</summary>
internal sealed class WorkerDatabase : IAsyncDisposable
{
    public const string AppPassword = "app-password-1", QueuePassword = "queue-password-1";

    private readonly TestDatabase _database;
    private readonly ServiceProvider _services = new ServiceCollection().AddJobQueue().BuildServiceProvider();

    private WorkerDatabase(TestDatabase database)
    {
        _database = database;
        Admin = NpgsqlDataSource.Create(database.ConnectionString);
        App = NpgsqlDataSource.Create(AppConnectionString);
    }

    public static TenantId Acme { get; } = new(DemoAccounts.Acme);

    public static TenantId Globex { get; } = new(DemoAccounts.Globex);

    public NpgsqlDataSource Admin { get; }

    public NpgsqlDataSource App { get; }

    public string AppConnectionString => _database.ConnectionStringFor(PlatformRoles.App, AppPassword);

    public string QueueConnectionString => _database.ConnectionStringFor(PlatformRoles.Queue, QueuePassword);

    public IJobReader Reader => _services.GetRequiredService<IJobReader>();

    public static async Task<WorkerDatabase> CreateAsync()
    {
        var database = await TestDatabase.CreateAsync("worker", async admin =>
        {
            await PlatformMigrations.RunAsync(
                admin,
                new MigrationOptions { AppPassword = AppPassword, QueuePassword = QueuePassword, SeedDemo = true },
                [MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly)],
                NullLogger.Instance);
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(admin) { Pooling = false }.ConnectionString);
            await using var clear = source.CreateCommand("DELETE FROM contacts");
            await clear.ExecuteNonQueryAsync();
        });
        return new WorkerDatabase(database);
    }

    /// <summary>Stores a file and enqueues its import, in one transaction, as the API does.</summary>
    public async Task<(Guid Import, Guid Job)> UploadAsync(TenantId tenant, byte[] file)
    {
        var user = await ScalarAsync<Guid>("SELECT id FROM users ORDER BY id LIMIT 1");
        await using var connection = await App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync("CALL set_tenant($1)", tenant.Value);
        var import = Guid.CreateVersion7();
        var job = await _services.GetRequiredService<IJobQueue>().EnqueueAsync(transaction, tenant, new ImportContacts(import));
        await RunAsync(
            """
            INSERT INTO imports (tenant_id, id, file_name, total_bytes, job_id, created_by)
            VALUES ($1, $2, 'file.csv', $3, $4, $5)
            """,
            tenant.Value, import, file.LongLength, job, user);
        var number = 0;
        foreach (var piece in file.Chunk(ImportFile.ChunkSize))
            await RunAsync("INSERT INTO import_chunks (tenant_id, import_id, number, content) VALUES ($1, $2, $3, $4)", tenant.Value, import, number++, piece);
        await transaction.CommitAsync();
        return (import, job);

        async Task RunAsync(string sql, params object[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            foreach (var parameter in parameters)
                command.Parameters.AddWithValue(parameter);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Asks for a report, in one transaction with its job, as the API does.</summary>
    public async Task<(Guid Report, Guid Job)> AskAsync(TenantId tenant, string kind, string parameters = "{}", string status = "queued")
    {
        await using var connection = await App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand("CALL set_tenant($1)", connection, transaction);
        set.Parameters.AddWithValue(tenant.Value);
        await set.ExecuteNonQueryAsync();
        var report = Guid.CreateVersion7();
        var job = await _services.GetRequiredService<IJobQueue>().EnqueueAsync(transaction, tenant, new BuildReport(report));
        await using var insert = new NpgsqlCommand(
            """
            INSERT INTO reports (tenant_id, id, kind, title, parameters, job_id, status) VALUES ($1, $2, $3, 'Title', $4::jsonb, $5, $6)
            """,
            connection, transaction);
        foreach (var value in new object[] { tenant.Value, report, kind, parameters, job, status })
            insert.Parameters.AddWithValue(value);
        await insert.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return (report, job);
    }

    /// <summary>Enqueues a job, in a transaction of the tenant.</summary>
    public async Task<Guid> EnqueueAsync<TPayload>(TenantId tenant, TPayload payload, JobOptions options)
        where TPayload : notnull
    {
        await using var connection = await App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand("CALL set_tenant($1)", connection, transaction);
        set.Parameters.AddWithValue(tenant.Value);
        await set.ExecuteNonQueryAsync();
        var job = await _services.GetRequiredService<IJobQueue>().EnqueueAsync(transaction, tenant, payload, options);
        await transaction.CommitAsync();
        return job;
    }

    /// <summary>A report's file, put together.</summary>
    public async Task<string> FileAsync(Guid report) => System.Text.Encoding.UTF8.GetString(await ScalarAsync<byte[]>(
        "SELECT COALESCE(string_agg(content, '' ORDER BY number), '') FROM report_files WHERE report_id = $1", report));

    public async Task<JobStatus> WaitForAsync(TenantId tenant, Guid job, string state, TimeSpan? timeout = null)
    {
        JobStatus? status = null;
        await Eventually.TrueAsync(
            async () => (status = await Reader.GetStatusAsync(App, tenant, job))!.State == state || JobStates.IsFinished(status.State),
            timeout ?? TimeSpan.FromSeconds(30), $"The job never was {state}.");
        Assert.True(status!.State == state, $"The job is {status.State}: {status.Error}");
        return status;
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Admin.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<IReadOnlyList<(long Row, string Reason)>> RejectionsAsync(Guid import)
    {
        var rejections = new List<(long, string)>();
        await using var command = Admin.CreateCommand("SELECT row_number, reason FROM import_rejections WHERE import_id = $1 ORDER BY row_number");
        command.Parameters.AddWithValue(import);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rejections.Add((reader.GetInt64(0), reader.GetString(1)));
        return rejections;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Admin.DisposeAsync();
        await App.DisposeAsync();
        await _database.DisposeAsync();
    }
}
