using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Platform.Load.Servers;

/// <summary>
/// A server in a process of its own, its output in a file. A small shell holds this process's end of a pipe: the server ends
/// with the bench, however that ends.
/// </summary>
internal sealed class ChildServer : IAsyncDisposable
{
    private const string Watch = "\"$@\" </dev/null >\"$LOG\" 2>&1 & child=$!; cat >/dev/null; kill -9 $child 2>/dev/null";
    private readonly Process _process;

    private ChildServer(string name, ProcessStartInfo start, int port)
    {
        (Name, Port) = (name, port);
        LogFile = Path.Combine(Path.GetTempPath(), $"platform-load-{name}-{Environment.ProcessId}-{port}.log");
        if (!OperatingSystem.IsWindows())
        {
            // A shell doesn't hand on variables whose names it can't write; env does.
            string[] odd = [.. start.Environment.Where(v => v.Key.AsSpan().ContainsAny(".-:")).Select(v => $"{v.Key}={v.Value}")];
            string[] command = ["env", .. odd, start.FileName, .. start.ArgumentList];
            start.FileName = "/bin/sh";
            start.ArgumentList.Clear();
            foreach (var argument in (string[])["-c", Watch, "sh", .. command])
                start.ArgumentList.Add(argument);
            start.Environment["LOG"] = LogFile;
        }

        start.RedirectStandardInput = true;
        start.UseShellExecute = false;
        _process = Process.Start(start)!;
    }

    public string Name { get; }

    public int Port { get; }

    public string LogFile { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>The root of the server's processes.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts it and waits until a GET of the path is answered with success.</summary>
    /// <param name="start">Makes the command for a port.</param>
    public static async Task<ChildServer> StartAsync(string name, Func<int, ProcessStartInfo> start, string readyPath, double seconds = 60)
    {
        var port = FreePort();
        var server = new ChildServer(name, start(port), port);
        using var client = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromSeconds(5) };
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(readyPath, UriKind.Relative));
                if (answer.IsSuccessStatusCode)
                    return server;
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                // Not yet.
            }

            if (server._process.HasExited || clock.Elapsed.TotalSeconds > seconds)
            {
                var log = File.Exists(server.LogFile) ? string.Join('\n', File.ReadLines(server.LogFile).TakeLast(30)) : "";
                await server.DisposeAsync();
                throw new InvalidOperationException($"{name} didn't get ready. Its log ends with:\n{log}");
            }

            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            if (OperatingSystem.IsWindows())
                _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException or IOException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        if (Environment.GetEnvironmentVariable("BENCH_KEEP_LOGS") is null)
            File.Delete(LogFile);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
