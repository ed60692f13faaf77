using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Data.Seed;
using Platform.Jobs;
using Platform.Testing;

namespace Platform.Api.Tests;

/// <summary>The API as it runs, on Kestrel, with a real Postgres and Garnet and the demo data. One for the whole run.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    public const string EncryptionKey = "a-test-key-of-enough-characters";

    public const string AppPassword = "app-password-1";

    private readonly ConcurrentDictionary<string, Lazy<Task<HttpClient>>> _clients = new();
    private TestDatabase? _database;
    private string _redis = "";
    private WebApplicationFactory<Program>? _factory;

    public IServiceProvider Services => _factory!.Services;

    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>Nobody signed in.</summary>
    public HttpClient Anonymous { get; private set; } = null!;

    public Task<HttpClient> Acme => ClientAsync(DemoAccounts.AcmeAdmin);

    public Task<HttpClient> AcmeAgent => ClientAsync(DemoAccounts.AcmeAgent);

    public Task<HttpClient> Globex => ClientAsync(DemoAccounts.GlobexAdmin);

    public Task<HttpClient> Operator => ClientAsync(DemoAccounts.Operator);

    /// <summary>Past all policies, to look at what is really there.</summary>
    public NpgsqlDataSource Admin { get; private set; } = null!;

    /// <summary>As the services connect.</summary>
    public string AppConnectionString => AppConnectionStringOf(_database!);

    public static string AppConnectionStringOf(TestDatabase database) => database.ConnectionStringFor(PlatformRoles.App, AppPassword);

    /// <summary>With all tables and the demo data.</summary>
    public static Task<TestDatabase> CreateDatabaseAsync() => TestDatabase.CreateAsync("api", admin => MigrateAsync(admin));

    /// <summary>Makes all tables and the demo data.</summary>
    public static Task MigrateAsync(string adminConnectionString, bool seed = true) => PlatformMigrations.RunAsync(
        adminConnectionString,
        new MigrationOptions { AppPassword = AppPassword, QueuePassword = "queue-password-1", SeedDemo = seed },
        [MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly)],
        NullLogger.Instance);

    public HttpClient CreateClient(string? accessToken = null)
    {
        var client = new HttpClient { BaseAddress = BaseAddress };
        if (accessToken is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return client;
    }

    /// <summary>Signs in and gives the tokens.</summary>
    public async Task<JsonElement> LoginAsync(string email, string password = DemoAccounts.Password)
    {
        using var response = await Anonymous.PostAsJsonAsync("/api/auth/login", new { email, password });
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Admin.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task InitializeAsync()
    {
        _database = await CreateDatabaseAsync();
        var garnet = await GarnetServer.GetAsync();
        Admin = NpgsqlDataSource.Create(_database.ConnectionString);
        _redis = garnet.ConnectionString;
        // Likewise more members than a plan has seats, and keys; those about plans have a database of their own.
        await using (var ample = Admin.CreateCommand(
            """
            UPDATE plans SET features = features || '{api_keys,webhooks}' WHERE name <> 'enterprise';
            UPDATE plans SET seats = NULL WHERE name = 'pro';
            UPDATE subscriptions SET seats = 1000000;
            """))
            await ample.ExecuteNonQueryAsync();
        // Tests make more requests than a tenant may; those about limits start a replica with limits of their own.
        _factory = StartReplica(RateLimitSettings.Ample);
        BaseAddress = _factory.ClientOptions.BaseAddress;
        Anonymous = CreateClient();
    }

    /// <summary>Another process of the API on the same database, for tests that need settings of their own. Dispose it.</summary>
    public WebApplicationFactory<Program> StartReplica(
        IReadOnlyDictionary<string, string> settings, string? redis = null, Action<IServiceCollection>? services = null)
    {
        var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment("Development");
            host.UseUrls("http://127.0.0.1:0");
            host.UseSetting("ConnectionStrings:platform", AppConnectionString);
            host.UseSetting("ConnectionStrings:redis", redis ?? _redis);
            host.UseSetting("ENCRYPTION_KEY", EncryptionKey);
            foreach (var (name, value) in settings)
                host.UseSetting(name, value);
            host.ConfigureLogging(logging => logging.ClearProviders());
            if (services is not null)
                host.ConfigureServices(services);
        });
        factory.UseKestrel(0);
        factory.StartServer();
        return factory;
    }

    public async Task DisposeAsync()
    {
        if (_factory is not null)
            await _factory.DisposeAsync();
        if (Admin is not null)
            await Admin.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }

    private Task<HttpClient> ClientAsync(string email) => _clients.GetOrAdd(email, name => new Lazy<Task<HttpClient>>(async () =>
        CreateClient((await LoginAsync(name)).GetProperty("accessToken").GetString()))).Value;
}
