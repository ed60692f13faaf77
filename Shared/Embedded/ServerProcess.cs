using System.Diagnostics;
using System.Globalization;

namespace Platform.Embedded;

/// <summary>A server run as a child of this process.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int KeptLines = 200;
    private const int PortAttempts = 5;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(12);

    private readonly Process _process;
    private readonly Queue<string> _log = new();
    private int _disposed;

    private ServerProcess(PreparedServer server, int port)
    {
        Server = server;
        Port = port;
        var start = new ProcessStartInfo(server.Command, server.ArgumentsFor(port.ToString(CultureInfo.InvariantCulture)))
        {
            WorkingDirectory = server.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in server.Environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (OperatingSystem.IsWindows()) WindowsJob.Add(_process);
    }

    public PreparedServer Server { get; }

    public int Port { get; }

    public int Id => _process.Id;

    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log) return [.. _log];
        }
    }

    /// <summary>Prepares and starts the server and waits until <paramref name="answers"/> no longer throws.</summary>
    public static async Task<ServerProcess> StartAsync(
        Func<Task<PreparedServer>> prepare, EmbeddedServerOptions options, Func<PreparedServer, int, CancellationToken, Task> answers,
        CancellationToken cancellationToken)
    {
        if (options.Port is { } wanted && !Loopback.IsFree(wanted)) throw PortTaken(wanted);
        for (var attempt = 1; ; attempt++)
        {
            var server = await prepare();
            // Between finding a free port and listening on it somebody else may take it: then another one.
            var port = options.Port ?? Loopback.FreePort();
            var process = new ServerProcess(server, port);
            try
            {
                await process.WaitAsync(options.StartTimeout, answers, cancellationToken);
                return process;
            }
            catch (Exception)
            {
                var lostPort = process.HasLostPort;
                await process.DisposeAsync();
                if (!lostPort) throw;
                if (options.Port is not null || attempt == PortAttempts) throw PortTaken(port);
            }
        }
    }

    private bool HasLostPort => Log.Any(line => line.Contains("Address already in use", StringComparison.OrdinalIgnoreCase)
        || line.Contains("could not bind", StringComparison.OrdinalIgnoreCase));

    private async Task WaitAsync(
        TimeSpan timeout, Func<PreparedServer, int, CancellationToken, Task> answers, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        Exception? last = null;
        while (true)
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(cancellationToken);
                throw Failed($"ended at start with exit code {_process.ExitCode}", last);
            }
            try
            {
                await answers(Server, Port, deadline.Token);
                return;
            }
            catch (Exception error) when (!deadline.IsCancellationRequested)
            {
                last = error;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                throw Failed($"didn't answer on port {Port} within {timeout.TotalSeconds:0} s", last ?? error);
            }
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    /// <summary>Closes the server's standard input, which ends it, and waits; kills it if it takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        try
        {
            _process.StandardInput.Close();
            if (OperatingSystem.IsWindows()) _process.Kill(entireProcessTree: true);
            using var deadline = new CancellationTokenSource(StopTimeout);
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    private EmbeddedServerException Failed(string how, Exception? cause)
        => new($"{Server.Description} {how}. Its log:\n{string.Join('\n', Log)}", cause);

    private static EmbeddedServerException PortTaken(int port)
        => new($"Port {port} is taken. End the process that listens on it, or choose another port.");

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_log)
        {
            _log.Enqueue(line);
            if (_log.Count > KeptLines) _log.Dequeue();
        }
    }
}
