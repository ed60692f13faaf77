using System.Diagnostics;
using Npgsql;

namespace Platform.Embedded;

/// <summary>A Postgres server this process started. Disposing of it stops it.</summary>
public sealed class RunningPostgres : IAsyncDisposable
{
    private readonly ServerProcess _process;

    internal RunningPostgres(ServerProcess process) => _process = process;

    /// <summary>Address clients connect to.</summary>
    public static string Host => "127.0.0.1";

    /// <summary>Port the server listens on.</summary>
    public int Port => _process.Port;

    /// <summary>Name of the superuser.</summary>
    public string UserName => _process.Server.UserName!;

    /// <summary>The superuser's password.</summary>
    public string Password => _process.Server.Password;

    /// <summary>Folder that holds everything the server writes.</summary>
    public string DataFolder => _process.Server.DataFolder;

    /// <summary>Which Postgres this is and where it came from.</summary>
    public string Description => _process.Server.Description;

    /// <summary>Process identifier of what this process started; the server is one of its children.</summary>
    public int ProcessId => _process.Id;

    /// <summary>The server's last log lines.</summary>
    public IReadOnlyList<string> Log => _process.Log;

    /// <summary>Connects the superuser to the database <c>postgres</c>.</summary>
    public string ConnectionString => ConnectionStringFor("postgres");

    /// <summary>Connects the superuser to a database.</summary>
    public string ConnectionStringFor(string database) => Connection(_process.Server, Port, database);

    /// <summary>Stops the server: clients are disconnected, data is safe. Returns when it has ended.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>
    /// Ends the server as a crash does: at once, nothing tidied up. The next start on the same data folder recovers what was
    /// committed. Not on Windows, nor in a container.
    /// </summary>
    public async Task CrashAsync()
    {
        // The first line is the server's own process; what this process started is only its keeper.
        var file = Path.Combine(DataFolder, "data", "postmaster.pid");
        var server = (await File.ReadAllLinesAsync(file))[0];
        using (var kill = Process.Start("kill", ["-QUIT", server]))
            await kill.WaitForExitAsync();
        await _process.DisposeAsync();
    }

    internal static string Connection(PreparedServer server, int port, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = port,
        Username = server.UserName,
        Password = server.Password,
        Database = database,
    }.ConnectionString;
}
