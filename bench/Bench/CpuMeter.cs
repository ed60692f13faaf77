using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Platform.Bench;

/// <summary>
/// Processor time of Postgres and of this process. On a busy machine rates say little; what a job costs says the same as on a quiet one. Linux only.
/// </summary>
internal sealed class CpuMeter
{
    private const double TicksPerSecond = 100;
    private readonly int _postmaster;
    private readonly TimeSpan _client = Now();
    private readonly double _server;

    private CpuMeter(int postmaster)
    {
        _postmaster = postmaster;
        _server = Server();
    }

    public static async Task<CpuMeter> StartAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("SELECT pg_backend_pid()");
        var backend = (int)(await command.ExecuteScalarAsync())!;
        return new CpuMeter(OperatingSystem.IsLinux() ? (int)Stat(backend)[1] : 0);
    }

    /// <summary>Of a server that is one process.</summary>
    public static CpuMeter OfServer(int process) => new(process);

    /// <returns>Microseconds a job, of the server and of the client.</returns>
    public (double Server, double Client) Stop(int jobs, TimeSpan? client = null) =>
        ((Server() - _server) * 1e6 / jobs, (client ?? Now() - _client).TotalMicroseconds / jobs);

    private static TimeSpan Now() => Process.GetCurrentProcess().TotalProcessorTime;

    // The postmaster's own time, that of children that have ended, and that of those that live.
    private double Server()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        double ticks = 0;
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id))
                continue;
            try
            {
                var stat = Stat(id);
                if (id == _postmaster)
                    ticks += stat[11] + stat[12] + stat[13] + stat[14];
                else if (stat[1] == _postmaster)
                    ticks += stat[11] + stat[12];
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return ticks / TicksPerSecond;
    }

    /// <summary>The fields after the command's name: 1 is the parent, 11 to 14 are user and system time, its own and its ended children's.</summary>
    private static double[] Stat(int id)
    {
        var text = File.ReadAllText($"/proc/{id}/stat");
        return [.. text[(text.LastIndexOf(')') + 2)..].Split(' ').Select((field, index) =>
            index == 0 ? 0 : double.Parse(field, CultureInfo.InvariantCulture))];
    }
}
