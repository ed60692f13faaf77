using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Bench;

/// <summary>The queue under test, from the side of those who enqueue.</summary>
internal sealed class JobsBenchDatabase : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddJobQueue().BuildServiceProvider();

    public JobsBenchDatabase(string admin, string app, string queue)
    {
        AdminConnectionString = admin;
        QueueConnectionString = queue;
        Admin = NpgsqlDataSource.Create(admin);
        // As the services' own.
        App = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(app) { MaxAutoPrepare = 20, AutoPrepareMinUsages = 2, MaxPoolSize = 40, NoResetOnClose = true });
        Queue = _services.GetRequiredService<IJobQueue>();
    }

    public NpgsqlDataSource Admin { get; }

    public NpgsqlDataSource App { get; }

    public string AdminConnectionString { get; }

    public string QueueConnectionString { get; }

    public IJobQueue Queue { get; }

    public static TenantId Tenant(int number) => new(new Guid(number, 1, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1));

    /// <summary>Enqueues jobs in transactions of ten thousand.</summary>
    public async Task EnqueueAsync(TenantId tenant, int jobs)
    {
        for (var done = 0; done < jobs; done += 10_000)
        {
            var first = done;
            await InTransactionAsync(tenant, transaction => Queue.EnqueueManyAsync(
                transaction, tenant, [.. Enumerable.Range(first, Math.Min(10_000, jobs - first)).Select(n => new NoOp(n))]));
        }
    }

    public async Task InTransactionAsync(TenantId tenant, Func<NpgsqlTransaction, Task> work)
    {
        await using var connection = await App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // As the services do.
        await using (var set = new NpgsqlCommand("SELECT set_config('app.tenant_id', $1::text, true)", connection, transaction))
        {
            set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            await set.ExecuteNonQueryAsync();
        }

        await work(transaction);
        await transaction.CommitAsync();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Admin.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Admin.CreateCommand(sql);
        command.CommandTimeout = 600;
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Admin.DisposeAsync();
        await App.DisposeAsync();
    }
}
