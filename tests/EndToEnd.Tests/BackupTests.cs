using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.EndToEnd.Tests;

[Collection(PlatformCollection.Name)]
public sealed class BackupTests(PlatformFixture platform)
{
    [Fact]
    [Trait("Req", "J3")]
    [Trait("Req", "A1")]
    public async Task Worker_backs_up_as_a_role_that_only_reads()
    {
        await EnqueueAsync();
        await Eventually.TrueAsync(
            () => platform.Backups.EnumerateFiles().Any(file => file.Extension is ".zip" or ".dump"), TimeSpan.FromSeconds(60), "There is no backup.");

        var connectionString = await platform.Application.GetConnectionStringAsync("platform-backup");
        await using var backup = NpgsqlDataSource.Create(connectionString!);
        await using var read = backup.CreateCommand("SELECT count(DISTINCT tenant_id) FROM contacts");
        Assert.Equal(2L, await read.ExecuteScalarAsync());
        await using var write = backup.CreateCommand("DELETE FROM contacts");
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => write.ExecuteNonQueryAsync())).SqlState);
    }

    /// <summary>As its schedule does, but now.</summary>
    private async Task EnqueueAsync()
    {
        var connectionString = await platform.Application.GetConnectionStringAsync("platform");
        await using var services = new ServiceCollection().AddJobQueue().BuildServiceProvider();
        await using var data = NpgsqlDataSource.Create(connectionString!);
        await using var connection = await data.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand("CALL set_tenant($1)", connection, transaction) { Parameters = { new() { Value = PlatformTenant.Id.Value } } };
        await set.ExecuteNonQueryAsync();
        await services.GetRequiredService<IJobQueue>().EnqueueAsync(transaction, PlatformTenant.Id, new BackUp());
        await transaction.CommitAsync();
    }

    /// <summary>The Worker's own job, by its stored name.</summary>
    [Job("platform.backup", Queue = JobQueues.Maintenance)]
    private sealed record BackUp;
}
