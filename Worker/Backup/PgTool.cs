using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Platform.Worker.Backup;

/// <summary>Runs pg_dump and pg_restore. What they connect with stands in their environment, never on the command line.</summary>
internal static partial class PgTool
{
    private const int KeptOutput = 4000;
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Full path of a tool; null when it isn't there.</summary>
    /// <param name="directory">Where to look; null for the PATH.</param>
    public static string? Find(string name, string? directory) =>
        (directory is null ? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) : [directory])
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name))
            .FirstOrDefault(File.Exists);

    /// <summary>The tool's major version; null when it doesn't say.</summary>
    public static async Task<int?> ReadMajorAsync(string tool, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await RunAsync(tool, ["--version"], null, VersionTimeout, cancellationToken);
        var match = Version().Match(output);
        return exitCode == 0 && match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
    }

    /// <param name="connection">What it connects to; null for nothing.</param>
    /// <returns>Its exit code and the beginning of what it wrote.</returns>
    /// <exception cref="TimeoutException">It took longer; it has been ended.</exception>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string tool, IEnumerable<string> arguments, NpgsqlConnectionStringBuilder? connection, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var (name, value) in connection is null ? [] : EnvironmentOf(connection))
            start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return (-1, exception.Message);
        }
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{Path.GetFileName(tool)} took longer than {timeout}.");
        }
        lock (output)
            return (process.ExitCode, output.ToString().Trim());

        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (output)
            {
                if (line.Data is not null && output.Length < KeptOutput)
                    output.Append(line.Data).Append('\n');
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> EnvironmentOf(NpgsqlConnectionStringBuilder connection)
    {
        yield return ("PGHOST", connection.Host ?? "localhost");
        yield return ("PGPORT", connection.Port.ToString(CultureInfo.InvariantCulture));
        yield return ("PGDATABASE", connection.Database ?? "");
        yield return ("PGUSER", connection.Username ?? "");
        yield return ("PGAPPNAME", "platform backup");
        yield return ("PGCONNECT_TIMEOUT", "15");
        yield return ("PGSSLMODE", connection.SslMode switch
        {
            SslMode.VerifyCA => "verify-ca",
            SslMode.VerifyFull => "verify-full",
            _ => connection.SslMode.ToString().ToLowerInvariant(),
        });
        if (connection.Password is { Length: > 0 } password)
            yield return ("PGPASSWORD", password);
        if (connection.RootCertificate is { Length: > 0 } certificate)
            yield return ("PGSSLROOTCERT", certificate);
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
