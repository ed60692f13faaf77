using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Jobs.Internal;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Jobs.Tests;

/// <summary>A migrated database of one test class alone, with pools for each role.</summary>
public sealed class JobsDatabase : IAsyncLifetime
{
    private const string AppPassword = "app-password-1", QueuePassword = "queue-password-1";

    private TestDatabase? _database;
    private string _connectionString = "";

    internal static MigrationOptions Migrations => new() { AppPassword = AppPassword, QueuePassword = QueuePassword };

    public static TenantId Acme { get; } = new(Guid.Parse("0198aaaa-0000-7000-8000-000000000001"));

    public static TenantId Globex { get; } = new(Guid.Parse("0198bbbb-0000-7000-8000-000000000002"));

    /// <summary>As superuser, to look behind the scenes.</summary>
    public NpgsqlDataSource Admin { get; private set; } = null!;

    /// <summary>As the services, under row-level security.</summary>
    public NpgsqlDataSource App { get; private set; } = null!;

    public string QueueConnectionString => As(PlatformRoles.Queue, QueuePassword);

    internal JobQueue Queue { get; } = new(new EnqueueHints(TimeProvider.System), TimeProvider.System);

    internal JobReader Reader { get; } = new(TimeProvider.System);

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("jobs", MigrateAsync);
        Open(_database.ConnectionString);
    }

    /// <summary>The same on a server of the test's own, by its administrator's connection string.</summary>
    public static async Task<JobsDatabase> CreateAsync(string connectionString)
    {
        await MigrateAsync(connectionString);
        return Of(connectionString);
    }

    /// <summary>One that is migrated already.</summary>
    public static JobsDatabase Of(string connectionString)
    {
        var database = new JobsDatabase();
        database.Open(connectionString);
        return database;
    }

    public async Task DisposeAsync()
    {
        await Admin.DisposeAsync();
        await App.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }

    private static Task MigrateAsync(string admin) => PlatformMigrations.RunAsync(
        admin,
        Migrations,
        [MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly)],
        NullLogger.Instance);

    private void Open(string connectionString)
    {
        _connectionString = connectionString;
        Admin = NpgsqlDataSource.Create(connectionString);
        App = NpgsqlDataSource.Create(As(PlatformRoles.App, AppPassword));
    }

    private string As(string role, string password) =>
        new NpgsqlConnectionStringBuilder(_connectionString) { Username = role, Password = password }.ConnectionString;

    /// <summary>Runs <paramref name="work"/> in a transaction of the tenant, as a service does.</summary>
    public async Task<T> InTransactionAsync<T>(TenantId tenant, Func<NpgsqlTransaction, Task<T>> work)
    {
        await using var connection = await App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var set = new NpgsqlCommand("CALL set_tenant($1)", connection, transaction))
        {
            set.Parameters.AddWithValue(tenant.Value);
            await set.ExecuteNonQueryAsync();
        }

        var result = await work(transaction);
        await transaction.CommitAsync();
        return result;
    }

    public Task<Guid> EnqueueAsync<TPayload>(TenantId tenant, TPayload payload, JobOptions? options = null)
        where TPayload : notnull =>
        InTransactionAsync(tenant, transaction => Queue.EnqueueAsync(transaction, tenant, payload, options));

    public Task<IReadOnlyList<Guid>> EnqueueManyAsync<TPayload>(TenantId tenant, IReadOnlyList<TPayload> payloads, JobOptions? options = null)
        where TPayload : notnull =>
        InTransactionAsync(tenant, transaction => Queue.EnqueueManyAsync(transaction, tenant, payloads, options));

    public Task<bool> CancelAsync(TenantId tenant, Guid id) =>
        InTransactionAsync(tenant, transaction => Queue.CancelAsync(transaction, tenant, id));

    public Task<JobStatus?> StatusAsync(TenantId tenant, Guid id) => Reader.GetStatusAsync(App, tenant, id);

    /// <summary>Waits until the job is in the state.</summary>
    public async Task<JobStatus> WaitForAsync(TenantId tenant, Guid id, string state, TimeSpan? timeout = null)
    {
        JobStatus? status = null;
        await Eventually.TrueAsync(
            async () => (status = await StatusAsync(tenant, id))?.State == state, timeout, $"The job never was {state}.");
        return status!;
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Admin.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Admin.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        await command.ExecuteNonQueryAsync();
    }
}
