using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Embedded;
using Platform.Jobs;

namespace Platform.Load.Servers;

/// <summary>A durable Postgres that keeps its data between runs, a fresh Garnet, and the real Api as processes of their own.</summary>
internal sealed class BenchStack : IAsyncDisposable
{
    private const string Password = "bench-password-1";
    private readonly RunningPostgres _postgres;
    private readonly List<ChildServer> _servers = [];
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };

    private BenchStack(RunningPostgres postgres, RunningGarnet garnet, string database)
    {
        (_postgres, Garnet) = (postgres, garnet);
        AdminConnectionString = postgres.ConnectionStringFor(database);
    }

    public RunningGarnet Garnet { get; private set; }

    /// <summary>The superuser's.</summary>
    public string AdminConnectionString { get; }

    public int PostgresProcess => _postgres.ProcessId;

    public static async Task<BenchStack> StartAsync(string database, bool fresh)
    {
        var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions
        {
            DataFolder = Path.Combine(Path.GetTempPath(), "platform-load", "postgres"),
            Fresh = fresh,
        });
        var garnet = await EmbeddedGarnet.StartAsync(new EmbeddedGarnetOptions { Ephemeral = true });
        var stack = new BenchStack(postgres, garnet, database);
        await PlatformMigrations.RunAsync(
            stack.AdminConnectionString,
            new MigrationOptions { AppPassword = Password, QueuePassword = Password },
            [MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly)],
            NullLogger.Instance);
        return stack;
    }

    /// <summary>Starts a replica of the Api: Release build, Production, no demo data.</summary>
    /// <param name="settings">Environment variables over the bench's own.</param>
    /// <param name="otlp">Where telemetry goes; null: it is made and not exported.</param>
    public async Task<ChildServer> StartApiAsync(IReadOnlyDictionary<string, string> settings, ChildServer? otlp = null)
    {
        var assembly = Path.GetFullPath(Environment.GetEnvironmentVariable("BENCH_API") ?? Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "ApiAssembly").Value!);
        var server = await ChildServer.StartAsync($"api{_servers.Count}", port =>
        {
            var start = new ProcessStartInfo("dotnet", ["exec", assembly]) { WorkingDirectory = Path.GetDirectoryName(assembly) };
            start.Environment["ASPNETCORE_ENVIRONMENT"] = start.Environment["DOTNET_ENVIRONMENT"] = "Production";
            start.Environment["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
            start.Environment["ConnectionStrings__platform"] =
                new NpgsqlConnectionStringBuilder(AdminConnectionString) { Username = PlatformRoles.App, Password = Password }.ConnectionString;
            start.Environment["ConnectionStrings__redis"] = Garnet.ConnectionString;
            start.Environment["ENCRYPTION_KEY"] = "the-bench-s-own-key-of-no-worth";
            start.Environment["DOTNET_GCgen0size"] = "0x4000000"; // As the AppHost says.
            start.Environment["Shutdown__DrainDelay"] = "00:00:00";
            start.Environment["RATE_LIMIT_FREE"] = start.Environment["RATE_LIMIT_PRO"] = start.Environment["RATE_LIMIT_ENTERPRISE"] = "50000000";
            start.Environment["RateLimit__Anonymous"] = start.Environment["RateLimit__Policies__sign-in__Limit"] = "1000000";
            if (otlp is not null)
            {
                start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlp.Address;
                start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            }

            foreach (var (name, value) in settings)
                start.Environment[name] = value;
            return start;
        }, "/health");
        _servers.Add(server);
        return server;
    }

    public async Task<ChildServer> StartOtlpSinkAsync()
    {
        var sink = await ChildServer.StartAsync("otlp", port => Generator.LoadDriver.Self(
            OtlpSink.Command, port.ToString(CultureInfo.InvariantCulture)), "/");
        _servers.Add(sink);
        return sink;
    }

    /// <summary>The server's own process, below the shell that minds it.</summary>
    public int GarnetServerProcess()
    {
        var pids = File.ReadAllText(Path.Combine(Garnet.DataFolder, "pids")).Split(' ');
        return int.Parse(pids[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Ends Garnet; all it held is gone.</summary>
    public ValueTask StopGarnetAsync() => Garnet.DisposeAsync();

    /// <summary>An empty Garnet where the stopped one was.</summary>
    public async Task RestartGarnetAsync() => Garnet = await EmbeddedGarnet.StartAsync(new EmbeddedGarnetOptions
    {
        Ephemeral = true,
        Port = Garnet.Port,
        Password = Garnet.Password,
    });

    /// <summary>Signs in as anybody does.</summary>
    /// <returns>The access token.</returns>
    public async Task<string> LoginAsync(ChildServer api, string email, string password)
    {
        using var response = await _client.PostAsJsonAsync(new Uri(api.Address + "/api/auth/login"), new { email, password });
        var body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"Signing in as {email} was answered with {(int)response.StatusCode}: {body}");
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("accessToken").GetString()!;
    }

    /// <returns>Status, body and whether it came from a cache (null: the answer doesn't say).</returns>
    public async Task<(int Status, string Body, bool? CacheHit)> GetAsync(ChildServer api, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Address + path);
        request.Headers.Authorization = new("Bearer", token);
        using var response = await _client.SendAsync(request);
        bool? hit = response.Headers.TryGetValues("X-Cache-Hit", out var values) ? values.First() == "true" : null;
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), hit);
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(AdminConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task StopAsync(ChildServer server)
    {
        _servers.Remove(server);
        await server.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var server in _servers)
            await server.DisposeAsync();
        await Garnet.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}
