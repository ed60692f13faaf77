using System.Collections.Concurrent;
using Npgsql;
using Platform.Embedded;

namespace Platform.Testing;

/// <summary>
/// A database of its own for a test class. The first one of a template name migrates that template; every later one is a copy
/// of it, which takes a few dozen milliseconds.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task>> Templates = new();
    // Two copies of one template at the same time are an error in Postgres.
    private static readonly SemaphoreSlim Copying = new(1, 1);
    private static int _count;

    private readonly RunningPostgres _server;

    private TestDatabase(RunningPostgres server, string name)
    {
        _server = server;
        Name = name;
    }

    /// <summary>Name of the database.</summary>
    public string Name { get; }

    /// <summary>Connects as superuser.</summary>
    public string ConnectionString => _server.ConnectionStringFor(Name);

    /// <summary>Connects as another role.</summary>
    public string ConnectionStringFor(string userName, string password)
        => new NpgsqlConnectionStringBuilder(ConnectionString) { Username = userName, Password = password }.ConnectionString;

    /// <summary>A new, empty database.</summary>
    public static Task<TestDatabase> CreateAsync() => CreateAsync("empty", _ => Task.CompletedTask);

    /// <summary>
    /// A copy of the template. <paramref name="migrate"/> gets the superuser's connection string of the template database, once
    /// per process and template name.
    /// </summary>
    public static async Task<TestDatabase> CreateAsync(string templateName, Func<string, Task> migrate)
    {
        ArgumentNullException.ThrowIfNull(migrate);
        var server = await PostgresServer.GetAsync();
        var template = $"template_{templateName}";
        await Templates.GetOrAdd(template, _ => new Lazy<Task>(() => BuildAsync(server, template, migrate))).Value;

        var name = $"test_{Interlocked.Increment(ref _count)}_{templateName}";
        await Copying.WaitAsync();
        try
        {
            await ExecuteAsync(server, $"CREATE DATABASE {Quote(name)} TEMPLATE {Quote(template)} STRATEGY file_copy");
        }
        finally
        {
            Copying.Release();
        }
        return new TestDatabase(server, name);
    }

    /// <summary>Drops the database; connections still open to it are ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var pool = new NpgsqlConnection(ConnectionString)) NpgsqlConnection.ClearPool(pool);
        await ExecuteAsync(_server, $"DROP DATABASE IF EXISTS {Quote(Name)} WITH (FORCE)");
    }

    private static async Task BuildAsync(RunningPostgres server, string template, Func<string, Task> migrate)
    {
        await ExecuteAsync(server, $"CREATE DATABASE {Quote(template)}");
        await migrate(server.ConnectionStringFor(template));
        // A template can't be copied while anybody is connected, so nobody is allowed to from here on, pools included.
        await ExecuteAsync(server, $"ALTER DATABASE {Quote(template)} ALLOW_CONNECTIONS false");
        var literal = template.Replace("'", "''", StringComparison.Ordinal);
        await ExecuteAsync(server, $"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{literal}'");
    }

    private static async Task ExecuteAsync(RunningPostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // Statements about databases take no parameters; names are quoted.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
