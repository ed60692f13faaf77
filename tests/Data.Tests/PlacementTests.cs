using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Data.Contacts;
using Platform.Data.Imports;
using Platform.Data.Placement;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Data.Tests;

/// <summary>A tenant in a database of its own: Globex is placed in the second one, Acme stays in the first.</summary>
[Trait("Req", "B5")]
public sealed class PlacementTests : IAsyncLifetime
{
    private readonly PlatformDatabase _first = new(), _second = new() { Seed = false };
    private IHost _host = null!;

    public async Task InitializeAsync()
    {
        await _first.InitializeAsync();
        await _second.InitializeAsync();
        await TenantDirectory.CopyAsync(_first.AdminConnectionString, _second.AdminConnectionString, PlatformDatabase.Globex);
        _host = Build(new() { [$"Shards:Tenants:{PlatformDatabase.Globex}"] = "second", ["ConnectionStrings:second"] = _second.AppConnectionString });
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _host.Dispose();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Placed_tenant_reads_and_writes_in_its_own_database_and_others_in_the_common_one()
    {
        var (globex, acme) = (await AddAsync(PlatformDatabase.Globex), await AddAsync(PlatformDatabase.Acme));

        Assert.Equal((0L, 1L), (await CountAsync(_first, globex), await CountAsync(_second, globex)));
        Assert.Equal((1L, 0L), (await CountAsync(_first, acme), await CountAsync(_second, acme)));
        await using var scope = Scope(PlatformDatabase.Globex, out var db);
        Assert.Equal(globex, (await db.Contacts.SingleAsync()).Id);
        Assert.Equal("admin@globex.example", (await db.Users.SingleAsync()).Email);
    }

    [Fact]
    public async Task Tenant_set_after_the_context_was_made_still_decides()
    {
        await using var scope = _host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PlatformDb>();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(PlatformDatabase.Globex);

        await db.Contacts.CountAsync();

        Assert.Equal(new NpgsqlConnectionStringBuilder(_second.AppConnectionString).Database, db.Database.GetDbConnection().Database);
    }

    [Fact]
    public async Task Job_of_a_placed_tenant_waits_in_its_own_database()
    {
        var queue = _host.Services.GetRequiredService<IJobQueue>();
        Guid id;
        await using (var scope = Scope(PlatformDatabase.Globex, out var db))
        {
            await using var transaction = await db.BeginAsync();
            id = await queue.EnqueueAsync(transaction.Transaction, PlatformDatabase.Globex, new ImportContacts(Guid.CreateVersion7()));
            await transaction.CommitAsync();
        }

        var databases = _host.Services.GetRequiredService<TenantDatabases>();
        var jobs = _host.Services.GetRequiredService<IJobReader>();
        Assert.NotNull(await jobs.GetStatusAsync(databases.For(PlatformDatabase.Globex), PlatformDatabase.Globex, id));
        Assert.Null(await jobs.GetStatusAsync(databases.For(PlatformDatabase.Acme), PlatformDatabase.Globex, id));
        Assert.Equal(2, databases.All.Count);
    }

    [Theory]
    [InlineData("not-an-id", "second", "not-an-id")]
    [InlineData("01900000-0000-7000-8000-0000000910be", "nowhere", "ConnectionStrings:nowhere")]
    public async Task Shard_map_with_an_error_keeps_the_service_from_starting(string tenant, string name, string expected)
    {
        using var host = Build(new() { [$"Shards:Tenants:{tenant}"] = name, ["ConnectionStrings:second"] = _second.AppConnectionString });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Placed_tenants_database_without_row_security_keeps_the_service_from_starting()
    {
        using var host = Build(new() { [$"Shards:Tenants:{PlatformDatabase.Globex}"] = "second", ["ConnectionStrings:second"] = _second.AdminConnectionString });

        var error = await Assert.ThrowsAsync<Security.RowSecurityException>(() => host.StartAsync());

        Assert.Contains("second: role", error.Message, StringComparison.Ordinal);
    }

    private async Task<Guid> AddAsync(TenantId tenant)
    {
        await using var scope = Scope(tenant, out var db);
        var contact = new Contact { TenantId = tenant.Value, Id = Guid.CreateVersion7(), Name = "Placed", Email = $"{Guid.NewGuid():N}@example.org" };
        db.Add(contact);
        await db.SaveChangesAsync();
        return contact.Id;
    }

    private static async Task<long> CountAsync(PlatformDatabase database, Guid contact)
    {
        await using var admin = database.CreateAdminPool();
        await using var command = admin.CreateCommand("SELECT count(*) FROM contacts WHERE id = $1");
        command.Parameters.AddWithValue(contact);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private AsyncServiceScope Scope(TenantId tenant, out PlatformDb db)
    {
        var scope = _host.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(tenant);
        db = scope.ServiceProvider.GetRequiredService<PlatformDb>();
        return scope;
    }

    private IHost Build(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            [new("ConnectionStrings:platform", _first.AppConnectionString), new("ENCRYPTION_KEY", "a-test-key-of-enough-characters"), .. settings]);
        builder.AddPlatformData();
        builder.AddJobQueue();
        return builder.Build();
    }
}
