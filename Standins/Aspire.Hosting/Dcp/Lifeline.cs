using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>
/// A socket that lives as long as anything of the application does. It takes the dashboard's port on a loopback address of its
/// own, and every process the orchestrator starts inherits it, so the system releases the port when the last of them has ended,
/// however they ended: a free port means that nothing is left, and the next run can wait for that. Only Linux has such
/// addresses without setting them up; elsewhere the next run waits for the services' own ports.
/// </summary>
internal sealed partial class Lifeline(IEnumerable<DashboardSettings> dashboard, ILogger<Lifeline> logger) : IDisposable
{
    /// <summary>F_SETFD; with 0, so without FD_CLOEXEC, children inherit the descriptor.</summary>
    private const int SetFlags = 2;

    private static readonly IPAddress Address = IPAddress.Parse("127.0.0.2");

    /// <summary>What is left of a killed run ends within this time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private Socket? _socket;

    /// <summary>Waits until an earlier run has ended, and takes its place. Call it before the first process is started.</summary>
    /// <exception cref="DistributedApplicationException">The earlier run doesn't end.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        var url = dashboard.FirstOrDefault()?.FrontendUrls[0];
        if (!OperatingSystem.IsLinux() || url is not { IsLoopback: true }) return;

        var waits = 0;
        var started = Stopwatch.GetTimestamp();
        while (!TryTake(url.Port))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new DistributedApplicationException(
                    $"The application runs already, or part of it hasn't ended: a process of it holds port {url.Port} of {Address}. "
                    + "Stop it first.");
            }
            if (waits++ == 0) LogWaiting(url.Port);
            await Task.Delay(500, cancellationToken);
        }
    }

    public void Dispose() => _socket?.Dispose();

    private bool TryTake(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(Address, port));
            socket.Listen(1);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return false;
        }
        if (SetDescriptorFlags((int)socket.Handle, SetFlags, 0) < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        _socket = socket;
        return true;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetDescriptorFlags(int descriptor, int command, int flags);

    [LoggerMessage(1, LogLevel.Information, "An earlier run is still ending (port {Port}); waiting for it.")]
    private partial void LogWaiting(int port);
}
