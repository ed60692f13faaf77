namespace Platform.Embedded;

/// <summary>A Garnet server this process started. Disposing of it stops it.</summary>
public sealed class RunningGarnet : IAsyncDisposable
{
    private readonly ServerProcess _process;

    internal RunningGarnet(ServerProcess process) => _process = process;

    /// <summary>Address clients connect to.</summary>
    public static string Host => "127.0.0.1";

    /// <summary>Port the server listens on.</summary>
    public int Port => _process.Port;

    /// <summary>Password clients give.</summary>
    public string Password => _process.Server.Password;

    /// <summary>Folder that holds everything the server writes.</summary>
    public string DataFolder => _process.Server.DataFolder;

    /// <summary>Which Garnet this is and where it came from.</summary>
    public string Description => _process.Server.Description;

    /// <summary>Process identifier of what this process started; the server is one of its children.</summary>
    public int ProcessId => _process.Id;

    /// <summary>The server's last log lines.</summary>
    public IReadOnlyList<string> Log => _process.Log;

    /// <summary>Connection string as StackExchange.Redis reads it.</summary>
    public string ConnectionString => $"{Host}:{Port},password={Password}";

    /// <summary>Stops the server. Returns when it has ended.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
