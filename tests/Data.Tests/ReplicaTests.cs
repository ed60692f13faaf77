using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Data.Contacts;
using Platform.Data.Schema;
using Platform.Tenancy;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Data.Tests;

/// <summary>One story on one pair of servers, for they take seconds to make.</summary>
[Trait("Req", "B6")]
public sealed class ReplicaTests : IAsyncLifetime
{
    [SuppressMessage("Usage", "CA2213", Justification = "Disposed of in DisposeAsync.")]
    private ReplicatedPostgres _servers = null!;
    private IHost _host = null!;
    private IHost _other = null!;

    public async Task InitializeAsync()
    {
        _servers = await ReplicatedPostgres.StartAsync(PlatformDatabase.MigrateAsync);
        _host = await StartHostAsync();
        _other = await StartHostAsync();
    }

    public async Task DisposeAsync()
    {
        _host.Dispose();
        _other.Dispose();
        await _servers.DisposeAsync();
    }

    [Fact]
    public async Task Reads_go_to_the_replica_but_never_behind_a_write()
    {
        // Nothing was written lately: the replica serves, and only those who ask for it.
        await Eventually.TrueAsync(async () => (await ReadAsync(_host, PlatformDatabase.Acme)).FromReplica);
        await using (var scope = Scope(_host, PlatformDatabase.Acme, out var db))
            Assert.False(await IsReplicaAsync(db));

        // It is read under row-level security as well.
        await using (var scope = Scope(_host, PlatformDatabase.Globex, out var db))
            Assert.Equal(5, await (await db.ReadOnlyAsync()).Contacts.IgnoreQueryFilters().CountAsync());

        // Whoever got a replica can't begin to write.
        await using (var scope = Scope(_host, PlatformDatabase.Acme, out var db))
        {
            await db.ReadOnlyAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.BeginAsync());
        }

        // The replica lags: who wrote, and everybody else of the tenant in every process, reads the write all the same.
        await _servers.PauseAsync();
        var before = (await ReadAsync(_host, PlatformDatabase.Acme)).Contacts;
        await WriteAsync(inTransaction: true);
        Assert.Equal((before + 1, false), await ReadAsync(_host, PlatformDatabase.Acme));
        Assert.Equal((before + 1, false), await ReadAsync(_other, PlatformDatabase.Acme));
        await WriteAsync(inTransaction: false);
        Assert.Equal((before + 1, false), await ReadAsync(_other, PlatformDatabase.Acme));
        // Tenants that wrote nothing don't mind.
        Assert.True((await ReadAsync(_other, PlatformDatabase.Globex)).FromReplica);

        // It has caught up: back to it, the writes included.
        await _servers.ResumeAsync();
        await Eventually.TrueAsync(async () => await ReadAsync(_host, PlatformDatabase.Acme) == (before + 1, true));

        // It is gone: the primary serves at once; it comes back: it is used again.
        await _servers.StopReplicaAsync();
        Assert.Equal((before + 1, false), await ReadAsync(_host, PlatformDatabase.Acme));
        Assert.Equal((before + 1, false), await ReadAsync(_other, PlatformDatabase.Acme));
        await WriteAsync(inTransaction: true);
        await _servers.StartReplicaAsync();
        await Eventually.TrueAsync(async () => await ReadAsync(_host, PlatformDatabase.Acme) == (before + 2, true));
    }

    private async Task WriteAsync(bool inTransaction)
    {
        await using var scope = Scope(_host, PlatformDatabase.Acme, out var db);
        if (!inTransaction)
        {
            await db.Contacts.Where(contact => contact.Name == "Written").ExecuteUpdateAsync(set => set.SetProperty(row => row.Version, 2));
            return;
        }
        db.Add(new Contact
        {
            TenantId = db.Tenant.Value, Id = Guid.CreateVersion7(), Name = "Written", Email = $"{Guid.NewGuid():N}@example.org",
        });
        await db.SaveChangesAsync();
    }

    private static async Task<(int Contacts, bool FromReplica)> ReadAsync(IHost host, TenantId tenant)
    {
        await using var scope = Scope(host, tenant, out var db);
        await db.ReadOnlyAsync();
        return (await db.Contacts.CountAsync(), await IsReplicaAsync(db));
    }

    private static async Task<bool> IsReplicaAsync(PlatformDb db) =>
        (await db.Database.SqlQuery<bool>($"SELECT pg_is_in_recovery() AS \"Value\"").ToListAsync())[0];

    private static AsyncServiceScope Scope(IHost host, TenantId tenant, out PlatformDb db)
    {
        var scope = host.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(tenant);
        db = scope.ServiceProvider.GetRequiredService<PlatformDb>();
        return scope;
    }

    private async Task<IHost> StartHostAsync()
    {
        var redis = (await GarnetServer.GetAsync()).ConnectionString;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            [
                new("ConnectionStrings:platform", _servers.PrimaryConnectionStringFor(PlatformRoles.App, PlatformDatabase.AppPassword)),
                new("ConnectionStrings:platform-replica", _servers.ReplicaConnectionStringFor(PlatformRoles.App, PlatformDatabase.AppPassword)),
                new("ENCRYPTION_KEY", "a-test-key-of-enough-characters"),
                // Two busy cores may take longer than production would wait.
                new("Replica:RedisTimeout", "00:00:05"),
                new("Replica:Pause", "00:00:00.2"),
            ]);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect(redis));
        builder.AddPlatformData();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
